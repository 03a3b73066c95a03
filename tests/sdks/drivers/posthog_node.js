// A shop's program with posthog-node.
'use strict'

const { PostHog } = require('posthog-node')
const { job, follow } = require('./steps.js')

const client = new PostHog(job.key, { host: job.host, ...job.options })
const before = new Date('2025-01-02T03:04:05.678Z')

follow({
  async calls(distinctId, anonymous, email) {
    client.identify({ distinctId, properties: { $set: { email, name: '王玲', vip: true }, $set_once: { first_channel: 'wechat' } } })
    client.capture({ distinctId, event: 'Product Viewed', properties: job.product, timestamp: before, uuid: 'fb1117b4-7a8c-4306-ba41-7440ad3ce0b1' })
    client.capture({ distinctId: anonymous, event: 'Products Searched', properties: { query: 'green tea', $process_person_profile: false } })
    client.capture({ distinctId, event: '$pageview', properties: { $current_url: 'https://shop.test/tea?utm_source=weibo&utm_medium=social', title: 'Home' } })
    client.groupIdentify({ groupType: 'store', groupKey: 'g1', properties: { name: 'Store A' } })
    client.alias({ distinctId, alias: anonymous })
    await client.captureImmediate({ distinctId, event: 'Order Completed', properties: job.order, groups: { store: 'g1' } })
    if (await client.getFeatureFlag('new-cart', distinctId)) throw new Error('a flag nobody set')
    await client.flush()
  },
  async send(from, to) {
    for (let number = +from; number < +to; number++) client.capture({ distinctId: '1001', event: 'Numbered', properties: { number } })
  },
  flush: () => client.flush(),
  end: () => client.shutdown(60000),
})
