// A list of the API, read page by page; asked again, it is as long as it was.

const PAGE = 50;
const LONGEST = 200;

export class Listing {
  constructor(path) {
    Object.assign(this, { path, wanted: PAGE, items: undefined, more: false });
  }

  async refresh(session) {
    const items = [];
    let next;
    do {
      const query = new URLSearchParams({ limit: Math.min(LONGEST, this.wanted - items.length) });
      if (next) query.set('after', next);
      const page = await session.ask('GET', `${this.path}?${query}`);
      items.push(...page.items);
      next = page.next;
    } while (next && items.length < this.wanted);
    this.items = items;
    this.more = Boolean(next);
  }

  extend() {
    this.wanted += PAGE;
  }
}
