// A shop's program with @rudderstack/rudder-sdk-node.
'use strict'

const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
const { job, follow } = require('./steps.js')

const analytics = new RudderAnalytics(job.key, { dataPlaneUrl: job.host, ...job.options })
const before = new Date('2025-01-02T03:04:05.678Z')
let open = 0
const counted = (error) => {
  open--
  if (error) throw error
}
const sent = async () => {
  while (open > 0) {
    await analytics.flush()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const tell = (call, message) => {
  open++
  analytics[call](message, counted)
}

follow({
  async calls(userId, anonymousId, email) {
    tell('identify', { userId, traits: { email, name: '王玲', vip: true, since: new Date('2024-05-06') } })
    tell('track', { userId, event: 'Product Viewed', properties: job.product, timestamp: before, messageId: 'm-fixed-1' })
    tell('track', { anonymousId, event: 'Products Searched', properties: { query: 'green tea' } })
    tell('page', { userId, category: 'Shop', name: 'Home', properties: { url: 'https://shop.test/tea?utm_source=weibo&utm_medium=social' } })
    tell('screen', { userId, category: 'App', name: 'Cart' })
    tell('group', { userId, groupId: 'g1', traits: { name: 'Store A' } })
    tell('alias', { userId, previousId: anonymousId })
    tell('track', { userId, event: 'Order Completed', properties: job.order })
    await sent()
  },
  async send(from, to) {
    for (let number = +from; number < +to; number++) tell('track', { userId: '1001', event: 'Numbered', properties: { number } })
  },
  flush: sent,
  end: sent,
})
