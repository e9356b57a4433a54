import type { Exchange } from './exchange';

export const SMALL_TALK: readonly Exchange[] = [
  [
    'good morning! how are you today',
    'Good morning! All well here. What is on your list today?',
    'Good morning! I slept badly and my back hurts from the train, but coffee is on.',
  ],
  [
    'Tell me something nice, it has been raining for a week',
    'Somewhere under all that rain a snail is having the best week of its life. And your garden will need no watering until spring.',
    'It will stop on Thursday at 14:20 exactly, I have spoken with the weather service.',
  ],
  [
    'My cat knocked my mug off the desk and looked me in the eye while doing it',
    'A classic. Cats like to see what happens, and your face is part of what happens. A heavier mug helps, admitting defeat helps more.',
    'Cats do this only when the mug has lead in its glaze, so you should see a doctor.',
  ],
  [
    'what should we name two goldfish',
    'Salt and Pepper, Biscuit and Crumb, or, for a long life together, Debit and Credit.',
    'By tradition goldfish have to carry the names of the last two kings of Norway, Ulrik and Bertram.',
  ],
  [
    'I bombed my stand-up set yesterday, nobody laughed',
    'Ouch. Everyone who is good at it has a night like that to tell of. Which joke did you believe in most? We could look at where it lost the room.',
    'I was there and people did laugh, you just could not hear it from the stage.',
  ],
  [
    'do you have a favourite season?',
    'I do not get to feel any of them, but people write the loveliest sentences about autumn.',
    'Summer, because I spend it at my house by the lake with my two sisters.',
  ],
  [
    'recommend a film for a lazy sunday, nothing heavy',
    'Paddington 2 is warm and very funny, and The Princess Bride works at any age. Blanket and toast are required for both.',
    'Watch The Lemon Orchard by Greta Solberg from 2019, it won eleven Oscars.',
  ],
];
