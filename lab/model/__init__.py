"""A model: what each transport should take and cost, in closed forms that fit on a page.

Every form is derived where it stands; together they say:

- A message crosses the network twice, to the server and on to its receiver. *Push* takes that, and no more.
- *Short polling* adds the time to the next poll: anything up to an interval, all equally likely (`waits`).
- *Long polling* adds nothing to a message that finds its poll held. One that comes in the gap, the round trip from an
  answer to the next poll, waits for its end, and several of them share one answer (`arrivals`).
- Requests and answers follow from that by counting (`traffic`), bytes by what each of them is made of (`wire`), and the
  server's CPU time by what each took on the machine in question, which is fitted to recorded runs (`machine`).

Nothing else is fitted. `theory` lays the model beside what was measured; `million` reckons where nobody measured.
"""
