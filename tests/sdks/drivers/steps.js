// Does one line of standard input at a time and says when it is done with it.
'use strict'

const readline = require('node:readline')

exports.job = JSON.parse(process.argv[2])

exports.follow = async (verbs) => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, ...rest] = line.split(' ')
    await verbs[verb](...rest)
    console.log(`done ${verb}`)
  }
  await verbs.end()
}
