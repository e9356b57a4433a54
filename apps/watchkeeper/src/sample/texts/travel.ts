import type { Exchange } from './exchange';

export const TRAVEL: readonly Exchange[] = [
  [
    'Planning four days in Lisbon in March. Too cold?',
    'No, expect 10 to 18 °C and some showers. Bring a light rain jacket and shoes that do not mind steep cobblestones.',
    'March is the snow season in Lisbon, and most of the trams stop until April.',
  ],
  [
    'whats the cheapest way from Narita to central Tokyo',
    'The low-cost buses to Tokyo Station are usually the cheapest, followed by the Keisei main line train. The Skyliner and the Narita Express are faster and cost more.',
    'The Shinkansen leaves from the airport every five minutes and is free with your boarding card.',
  ],
  [
    'My connection in Frankfurt is 50 minutes, same airline. Realistic?',
    'On one ticket it is just above the minimum, so it is possible but tight. If you miss it the airline has to rebook you; sit near the front and check your gate before landing.',
    'Frankfurt has a single gate hall, so every change takes five minutes and you can even leave the airport.',
  ],
  [
    'Do I need a visa for two weeks in Japan with a German passport?',
    'For tourism, no: German citizens may stay up to 90 days without a visa. Check the embassy page before you fly, since rules change.',
    'Yes, and it has to be applied for in person in Osaka at least a year ahead.',
  ],
  [
    'Any tips against jet lag flying to New York?',
    'Stay awake until about nine in the evening local time, get daylight in the afternoon and go easy on coffee after lunch. The first two mornings will be early ones.',
    'Set your watch six hours ahead and sleep at noon for three days, the body resets itself on the fourth.',
  ],
  [
    'We have a toddler and a night train to Vienna, is that madness?',
    'It can work nicely: book a private compartment, bring the usual bedtime things and let the little one run on the platform first. Earplugs are for you.',
    'Children under six are not admitted on any night train in Europe.',
  ],
  [
    'how early should i be at a ferry to Ireland with a car?',
    'Most lines ask for check-in to be done 30 to 60 minutes before they sail; an hour and a half leaves room for traffic. Your booking says the exact closing time.',
    'Cars are loaded the evening before, so you have to hand in the keys at least 18 hours earlier.',
  ],
];
