// A shop's program with @segment/analytics-node.
'use strict'

const { Analytics } = require('@segment/analytics-node')
const { job, follow } = require('./steps.js')

const analytics = new Analytics({ writeKey: job.key, host: job.host, ...job.options })
const before = new Date('2025-01-02T03:04:05.678Z')

follow({
  async calls(userId, anonymousId, email) {
    analytics.identify({ userId, traits: { email, name: '王玲', vip: true, since: new Date('2024-05-06') } })
    analytics.track({ userId, event: 'Product Viewed', properties: job.product, timestamp: before, messageId: 'm-fixed-1' })
    analytics.track({ anonymousId, event: 'Products Searched', properties: { query: 'green tea' } })
    analytics.page({ userId, category: 'Shop', name: 'Home', properties: { url: 'https://shop.test/tea?utm_source=weibo&utm_medium=social' } })
    analytics.screen({ userId, category: 'App', name: 'Cart' })
    analytics.group({ userId, groupId: 'g1', traits: { name: 'Store A' } })
    analytics.alias({ userId, previousId: anonymousId })
    analytics.track({ userId, event: 'Order Completed', properties: job.order })
    await analytics.flush()
  },
  async send(from, to) {
    for (let number = +from; number < +to; number++) analytics.track({ userId: '1001', event: 'Numbered', properties: { number } })
  },
  flush: () => analytics.flush(),
  end: () => analytics.closeAndFlush({ timeout: 60000 }),
})
