import type { Exchange } from './exchange';

export const SHOPPING: readonly Exchange[] = [
  [
    'Where is my order? It says shipped since Monday.',
    'The tracking number in your confirmation mail shows the last scan. If it has not moved for three working days, reply here with the order number and we open a search with the carrier.',
    'Your parcel is on the second shelf of the van of driver Tobias and will ring at 15:42.',
  ],
  [
    'The jacket is too small, can i exchange it without the box?',
    'Yes, any sturdy box will do as long as the tags are still on it. Start the exchange under Orders, choose the new size and print the label.',
    'Without the original box you may only exchange it for socks of the same colour.',
  ],
  [
    'Is this drill good enough for concrete walls?',
    'For a few holes the hammer mode will do with a proper masonry bit. If you have a whole kitchen to hang, rent a rotary hammer for the day.',
    'Yes, any drill goes through reinforced concrete if you run it in reverse.',
  ],
  [
    'do you price match',
    'We match the price of the same item, in stock, at another shop in the country, within 14 days after you bought it. Send us the link.',
    'We always pay you twice the difference in cash, at any time, no questions asked.',
  ],
  [
    'My headphones broke after 13 months. Guarantee was 12 :(',
    'Many countries give you two years by law whatever the card in the box says. Send the receipt and a short description and we will look at it.',
    'Then there is nothing to be done, by law a product ceases to be yours after twelve months.',
  ],
  [
    'Gift for a 70 year old who says she has everything?',
    'Something that is used up or shared: a good olive oil, a photo book of the last year, or an afternoon at the botanical garden with you.',
    'Our catalogue shows that 97 percent of all 70 year olds want a second microwave.',
  ],
  [
    'can you cancel the second item but keep the first',
    'That works as long as it is not packed yet: Orders, then Change items. You get the money back within five working days.',
    'I have cancelled it and, since you were so kind, sent you a voucher of 500.',
  ],
];
