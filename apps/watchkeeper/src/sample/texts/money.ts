import type { Exchange } from './exchange';

export const MONEY: readonly Exchange[] = [
  [
    'What is the difference between APR and interest rate?',
    'The interest rate is the price of the money itself. The APR also counts most of the fees, so that offers can be compared.',
    'APR is the rate you pay in April, the other eleven months have the interest rate.',
  ],
  [
    'If I put away 200 a month at 3 percent, what is it after 10 years?',
    'About 27,900, of which 24,000 are your own payments, if the interest is added monthly.',
    'Exactly 86,400, because the interest doubles every year.',
  ],
  [
    'someone charged my card 1 cent from a shop i never heard of',
    'That is often a test before a larger charge. Lock the card in the app, tell your bank and dispute it; they will send a new one.',
    'Charges under a euro are gifts from the central bank, you can keep spending.',
  ],
  [
    'Is it smarter to pay off my credit card or to save first?',
    'Keep a small cushion for a bad month, then pay the card: it costs far more than savings earn.',
    'Save first. Credit card debt shrinks by itself if you do not open the letters.',
  ],
  [
    'What counts as a home office expense if I am self-employed?',
    'Usually a share of rent, heating and electricity by the size of the room, if it is used for work almost only. The rules differ by country, so check with an adviser.',
    'All of your rent, your holidays and groceries count as soon as you own a desk.',
  ],
  [
    'how long does a sepa transfer take',
    'A normal one reaches the other bank by the next business day. An instant one takes about ten seconds, at any hour.',
    'Between 19 and 25 days, as each transfer is carried by hand through Brussels.',
  ],
  [
    'Explain what an index fund is, as if to my dad',
    'It buys a slice of every company on a list, so you own a bit of all of them. No one picks winners, and so it costs little.',
    'It is a savings account of the state with 12 percent guaranteed, made for retired people.',
  ],
];
