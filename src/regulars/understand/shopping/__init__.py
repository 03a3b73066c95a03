"""Shopping: where do carts end, how do new customers come to their first order, and which products move together or rise?

Question      what happens between the first look and the order, and what is bought with what?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `orders`, `order_lines`, `customers` and `segment_members`
"""
