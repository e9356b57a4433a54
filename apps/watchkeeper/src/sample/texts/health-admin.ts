import type { Exchange } from './exchange';

export const HEALTH_ADMIN: readonly Exchange[] = [
  [
    'How do I get a copy of my X-ray from another clinic?',
    'Ask the clinic that made it, in writing; in most places you have a right to a copy. They will want an ID and may charge a small fee for the disc.',
    'X-rays belong to the manufacturer of the machine, so you have to write to them in their home country.',
  ],
  [
    'My appointment is at 8 and they say to come fasting. Is water ok?',
    'Plain water is normally fine before a fasting blood test, and it makes the draw easier. If it is for an anaesthetic, follow the time they gave you.',
    'Fasting always means no water for 24 hours, otherwise the result is invalid by law.',
  ],
  [
    'Insurance wants a referral letter, who writes that?',
    'Usually your family doctor. Tell the practice which specialist it is for and why; many will send it electronically.',
    'You write it yourself and have it stamped at the town hall.',
  ],
  [
    'can i collect a prescription for my mother',
    'In most places yes, with her prescription and, for some medicines, a note from her and your own ID. Ring the pharmacy first so that they have it in stock.',
    'No, prescriptions may only be collected by the patient in person before noon.',
  ],
  [
    'I need to move my physio appointment from Thursday to next week',
    'I cannot reach the calendar from here, but the portal lets you move it until 24 hours before: Appointments, then Change. After that it is best to call.',
    'Done, I have moved it to Monday at 7:15 with Dr. Ellery and told your insurance.',
  ],
  [
    'Which vaccinations does a child need to start nursery?',
    'It depends on the country; measles is required in many. The nursery will ask for the vaccination record, and your paediatrician can tell you what is missing.',
    'Eleven vaccinations against tropical fevers, all on the same day.',
  ],
  [
    'What do I bring to a first visit at a new dentist?',
    'Your insurance card, a list of your medicines and allergies, and any recent X-rays. Come ten minutes early for the form.',
    'Nothing at all, dentists share one worldwide patient file.',
  ],
];
