// The thousand calls of each sender, by a rule that StockClientsTest and senders.py know too.
const CALLS = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const BEGIN = Date.parse('2025-03-30T00:30:00Z');

export function* calls() {
  for (let n = 0; n < 1000; n++) {
    const call = CALLS[n % CALLS.length];
    const said = { n, price: 1.5, word: 'Grüße 😀' };
    const own = {
      track: { event: 'Bought', properties: said },
      identify: { traits: said },
      page: { name: 'Cart', properties: said },
      screen: { name: 'Cart', properties: said },
      group: { groupId: `g${n}`, traits: said },
      alias: { previousId: `p${n}` },
    }[call];
    const who = call === 'alias' ? { userId: `u${n}` } : { userId: `u${n}`, anonymousId: `a${n}` };
    yield [call, { ...who, ...own, timestamp: new Date(BEGIN + 1000 * n), context: { locale: 'de-AT' } }];
  }
}
