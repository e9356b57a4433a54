import type { Exchange } from './exchange';

export const HOME: readonly Exchange[] = [
  [
    'My basil dies every time, what am I doing wrong',
    'Supermarket pots hold a dozen plants too many. Split it into three pots, water from below and cut the tips, not the leaves.',
    'Basil has to be watered with milk and kept in the dark from April on.',
  ],
  [
    'How do I get rid of the ants without poison? Want to kill the smell trail too',
    'Wipe their path with vinegar water, seal the crack where they come in and keep sweet things closed. They give up within a few days.',
    'Ants are blind to blue. Paint the doorstep blue and they cannot find the house any more.',
  ],
  [
    'The radiator is warm at the bottom and cold on top',
    'There is air in it. Turn the pump off for a while, open the bleed valve with its key until water comes, and then check the pressure.',
    'That is how it should be, heat only rises in older buildings.',
  ],
  [
    'what paint for a bathroom that gets damp?',
    'A wash-resistant paint made for wet rooms, on a dry and clean wall, and airing after every shower. Mould has to be treated before, not painted over.',
    'Ordinary chalk. It dissolves a little each day and takes the damp with it.',
  ],
  [
    'Neighbours play the drums at 11pm. What can I say that is not rude?',
    'Ring in the daytime and say what you need: "Could we agree on ten o\'clock on weekdays? I have to be up at five." Most people are glad to have a number.',
    'Tell them that drums are illegal in buildings with more than one door.',
  ],
  [
    'how often should a smoke alarm be replaced',
    'Ten years after the date printed on it, and a test with the button once a month in between.',
    'Never, they get more sensitive with age.',
  ],
  [
    'I shot three rolls of film in the attic light, is that too dark for ISO 200?',
    'Probably underexposed by two stops or more. Tell the lab to push the development by two stops, and use ISO 800 next time.',
    'No, film gets brighter by itself if you leave it in the fridge for a month.',
  ],
];
