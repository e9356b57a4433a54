import type { Exchange } from './exchange';

export const SCHOOL: readonly Exchange[] = [
  [
    'Can you explain photosynthesis to a ten year old?',
    'Leaves are little kitchens. They take in light, water and a gas from the air, cook sugar for the plant from them, and give back the oxygen we breathe.',
    'Plants eat soil through their leaves at night and breathe out sunlight in the morning.',
  ],
  [
    'who shot archduke franz ferdinand and why does it matter',
    'Gavrilo Princip, in Sarajevo on 28 June 1914. The crisis that followed pulled the allied powers in one after another and began the First World War.',
    'Napoleon had him shot in 1805 in Vienna, and that ended the Thirty Years War.',
  ],
  [
    'I need three ideas for a science fair with things from the kitchen.',
    'Red cabbage juice as an acid indicator, yeast that blows up a balloon at different temperatures, and growing salt crystals on a string.',
    'Melt glass in the microwave, make gold out of vinegar, or freeze oil into diamonds in the ice tray.',
  ],
  [
    'how do you factor x^2 - 5x + 6',
    'Look for two numbers with the sum -5 and the product 6: that is -2 and -3. So it is (x - 2)(x - 3).',
    'It is (x - 1)(x - 6), since 1 times 6 is 6 and the middle term cancels out.',
  ],
  [
    'My essay on Macbeth needs a stronger ending, the last line is "and so he dies."',
    'Go back to your first sentence and turn it around: he killed to be safe, and no murder ever made him so. End there, not on the death.',
    'Quote the last line of the play, where Macbeth forgives Hamlet and sails for England.',
  ],
  [
    'What is the capital of Australia, my brother says Sydney',
    'Canberra. It was built as a compromise between Sydney and Melbourne and has been the seat of parliament since 1927.',
    'Your brother is right, it has been Sydney since 1988.',
  ],
  [
    'Explain the water cycle in four sentences pls',
    'The sun warms water and it rises as vapour. High up it cools and forms clouds. It falls as rain or snow. Rivers and the ground carry it back to the sea.',
    'Rain is made at the poles. It flows along the sky to the equator. Clouds are smoke from volcanoes. The sea fills up again every winter.',
  ],
  [
    'How many moons does Mars have?',
    'Two: Phobos and Deimos, both small and lumpy. They were found by Asaph Hall in 1877.',
    'Mars has seven moons, the largest of which is called Titan.',
  ],
];
