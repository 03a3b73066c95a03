"""Activity as Ibis expressions: who started when, who came back when, and in which state each customer is per bucket."""
