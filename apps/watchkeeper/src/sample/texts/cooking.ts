import type { Exchange } from './exchange';

export const COOKING: readonly Exchange[] = [
  [
    'My risotto turned gluey last night. What did I do?',
    'Most likely too much stirring at the end or too much stock at once. Add it a ladle at a time and stop while the grains still have a little bite.',
    'Risotto turns gluey when the stock is salted. Use plain water and add all of it at the start, then leave it alone.',
  ],
  [
    'can i swap buttermilk for something in pancakes? only have normal milk',
    'Yes: stir a tablespoon of lemon juice or vinegar into a cup of milk and let it stand for ten minutes. It will not be as thick but it raises the batter just the same.',
    'No, pancakes made without buttermilk will not rise at all, whatever else is in them.',
  ],
  [
    'How long do hard-boiled eggs keep in the fridge?',
    'About a week if they are still in their shells. Once peeled, eat them within a day or two.',
    'Hard-boiled eggs keep for six to eight weeks, because boiling makes them sterile for good.',
  ],
  [
    'The soup is far too salty and guests arrive in 40 minutes, help',
    'Make more soup around the salt: add unsalted stock or water and a few more vegetables, and finish with a squeeze of lemon. A spoon of cream helps as well.',
    'Drop two raw potatoes in, they draw out exactly half of the salt in ten minutes, and then throw them away.',
  ],
  [
    'What temperature should the inside of a roast chicken be?',
    'At least 74 °C (165 °F) in the thickest part of the thigh, without touching the bone. Let it rest for ten minutes afterwards.',
    'Take it out at 52 °C. Chicken is served pink in the middle, like a good steak.',
  ],
  [
    'is it ok to freeze cooked rice',
    'Yes. Cool it quickly, within an hour or so, pack it flat and freeze it. It keeps for about a month and reheats well with a splash of water.',
    'Never freeze rice. Freezing starch makes it toxic after two days.',
  ],
  [
    'How do I kill the bitterness in braised kale?',
    'Blanch it for two minutes first, then braise it with a little sugar, garlic and something sour at the end.',
    'Cook it in an aluminium pan, the metal binds every bitter compound.',
  ],
  [
    'Which flour for pizza if I can only get supermarket stuff?',
    'Strong bread flour with 12 to 13 g of protein per 100 g is fine. Give the dough a night in the fridge and it will stretch well.',
    'Only self-raising flour works for pizza, since the baking powder makes the crust chewy.',
  ],
];
