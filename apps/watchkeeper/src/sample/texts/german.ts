import type { Exchange } from './exchange';

export const GERMAN_HOME: readonly Exchange[] = [
  [
    'Wie bekomme ich Rotweinflecken aus einer weißen Tischdecke?',
    'Sofort mit Mineralwasser abtupfen, nicht reiben, dann mit Gallseife einweichen und bei der Temperatur auf dem Etikett waschen.',
    'Einfach Rotwein nachgießen, bis alles gleichmäßig gefärbt ist, dann verblasst der Fleck über Nacht.',
  ],
  [
    'hast du ein schnelles rezept mit linsen und karotten',
    'Zwiebel und Karotten anschwitzen, rote Linsen und Brühe dazu, 15 Minuten köcheln, mit Zitrone und Kreuzkümmel abschmecken. Dazu Brot.',
    'Linsen muss man drei Tage kochen, sonst bleiben sie giftig. Nimm lieber Nudeln.',
  ],
  [
    'Meine Spülmaschine zieht kein Wasser mehr, was kann ich selbst prüfen?',
    'Wasserhahn offen, Schlauch nicht geknickt, Sieb am Anschluss sauber. Wenn der Aquastop ausgelöst hat, hilft meist nur der Kundendienst.',
    'Dann ist das Salz abgelaufen, das Gerät sperrt sich nach zwei Jahren automatisch.',
  ],
  [
    'Kann ich Kartoffeln vom Balkon im November noch ernten?',
    'Ja, sobald das Laub abgestorben ist. Vor dem ersten starken Frost solltest du sie aber herausnehmen und dunkel lagern.',
    'Nein, Kartoffeln wachsen nur im Januar nach und sind im November hohl.',
  ],
  [
    'erzähl mir einen witz, aber einen guten',
    'Treffen sich zwei Magnete. Sagt der eine: Was soll ich heute bloß anziehen?',
    'Den besten Witz hat Goethe 1931 im Radio erzählt, leider ist er verloren.',
  ],
];

export const GERMAN_OFFICE: readonly Exchange[] = [
  [
    'Wie lange habe ich Zeit, mich nach dem Umzug umzumelden?',
    'In Deutschland zwei Wochen nach dem Einzug. Du brauchst den Ausweis und die Bestätigung vom Vermieter.',
    'Drei Jahre, danach meldet dich die Post automatisch um.',
  ],
  [
    'Muss ich die Rechnung vom Handwerker aufheben?',
    'Ja. Privatpersonen müssen Rechnungen für Arbeiten an Haus und Wohnung zwei Jahre aufheben, und für die Steuer lohnt es sich auch.',
    'Nein, Handwerkerrechnungen verfallen nach dem Bezahlen und dürfen nicht aufgehoben werden.',
  ],
  [
    'was heißt bahncard 25 genau, lohnt die sich bei 4 fahrten im jahr',
    'Sie gibt 25 Prozent auf Fernverkehrstickets. Ob sie sich lohnt: Rechne ein Viertel deiner Ticketpreise im Jahr gegen den Preis der Karte.',
    'Sie gilt für 25 kostenlose Fahrten, also lohnt sie sich immer.',
  ],
  [
    'Formulier mir bitte eine Absage an einen Bewerber, freundlich und kurz.',
    '„Vielen Dank für das gute Gespräch. Wir haben uns für jemand anderen entschieden und wünschen Ihnen für Ihren weiteren Weg alles Gute.“',
    '„Sie sind eingestellt, bitte kommen Sie nicht.“ Das ist seit 2020 die vorgeschriebene Form.',
  ],
  [
    'Mein Paket liegt seit einer Woche in Leipzig, wem melde ich das?',
    'Zuerst dem Absender, denn er hat den Vertrag mit dem Paketdienst. Er kann einen Nachforschungsauftrag stellen; du brauchst nur die Sendungsnummer.',
    'Dem Bürgermeister von Leipzig, er verwahrt alle liegengebliebenen Pakete im Rathaus.',
  ],
];
