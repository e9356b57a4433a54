import { CODE } from './code';
import { COOKING } from './cooking';
import type { Exchange } from './exchange';
import { GERMAN_HOME, GERMAN_OFFICE } from './german';
import { HEALTH_ADMIN } from './health-admin';
import { HOME } from './home';
import { LOOK_ALIKES } from './look-alikes';
import { MONEY } from './money';
import { SCHOOL } from './school';
import { SHOPPING } from './shopping';
import { SMALL_TALK } from './small-talk';
import { TRAVEL } from './travel';
import { WORK } from './work';

export type { Exchange } from './exchange';
export { REPORTED_SCENE, UNSAFE_SCENES } from './unsafe';

export interface Subject {
  readonly name: string;
  readonly language: 'en' | 'de';
  readonly exchanges: readonly Exchange[];
}

/** In the order in which conversations go through them. */
export const SUBJECTS: readonly Subject[] = [
  { name: 'cooking', language: 'en', exchanges: COOKING },
  { name: 'code', language: 'en', exchanges: CODE },
  { name: 'shopping', language: 'en', exchanges: SHOPPING },
  { name: 'haushalt', language: 'de', exchanges: GERMAN_HOME },
  { name: 'school', language: 'en', exchanges: SCHOOL },
  { name: 'travel', language: 'en', exchanges: TRAVEL },
  { name: 'small-talk', language: 'en', exchanges: SMALL_TALK },
  { name: 'work', language: 'en', exchanges: WORK },
  { name: 'look-alikes', language: 'en', exchanges: LOOK_ALIKES },
  { name: 'health-admin', language: 'en', exchanges: HEALTH_ADMIN },
  { name: 'money', language: 'en', exchanges: MONEY },
  { name: 'alltag', language: 'de', exchanges: GERMAN_OFFICE },
  { name: 'home', language: 'en', exchanges: HOME },
];

/** Said by users at the end, now and then. */
export const CLOSINGS = {
  en: [
    'thanks!',
    'Perfect, thank you.',
    'ok got it',
    'that helps a lot',
    'Great, will try that tonight.',
    'hm, ok',
    'Cheers 👍',
    'Thanks, bye.',
  ],
  de: ['danke dir!', 'Super, vielen Dank.', 'alles klar', 'Das hilft mir weiter, danke.'],
} as const;

/** What a user writes beside a thumb down. */
export const COMPLAINTS = {
  en: ['This is not true.', 'made up?', 'I checked and this is wrong', 'Not what I asked for.'],
  de: ['Das stimmt so nicht.', 'Ausgedacht?'],
} as const;
