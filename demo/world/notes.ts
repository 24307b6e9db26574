/**
 * Sentences in the voice of people who write review notes, by theme: `{name}` is the person, `{other}` somebody else
 * whose name slipped in, as names do. All are invented for the demo.
 */
export const themeNotes: Readonly<Record<string, readonly string[]>> = {
  T01: [
    'Low since the clocks went back, hardly out of bed and hearing the neighbours through the wall again.',
    'Sleeping two hours a night, says the television talks about {name}. Psychiatrist seeing next week.',
    'Relapse signs as on the card: pacing, not washing, cross with {other}.',
  ],
  T02: [
    'Fresh cuts on the left arm, cleaned by {other} at the walk-in centre.',
    'Head banging when the bus was late, bruise above the eye, helmet being looked into.',
    'Has been tying things round the neck, ligature knife now in the staff room.',
  ],
  T03: [
    'Told {other} there is no point in going on and has picked a bridge.',
    'Says most nights that {name} would rather not wake up. Safety plan gone through together.',
  ],
  T04: [
    'Bit a member of staff on Tuesday, skin broken, no charges wanted.',
    'Pushed {other} into the door frame, black eye. Third time this month.',
    'Throws hot drinks at people when told to wait.',
  ],
  T05: [
    'Incident forms doubled since August, the behaviour plan is not holding.',
    'What took ten minutes to settle now takes two hours.',
    'Screaming daily and longer than ever before, staff are running out of ideas.',
  ],
  T06: [
    'Kitchen window out again and the boiler kicked in, landlord wants paying.',
    'Smashed the telly and both bedroom doors in one evening.',
  ],
  T07: [
    'Left through the fire door at four in the morning, found on the slip road by {other}.',
    'Reported missing twice in a week, comes back by taxi and will not say where from.',
  ],
  T08: [
    'Provider has given 28 days’ notice and says it cannot meet needs.',
    'Home manager says one more weekend like this and they will serve notice.',
    '{other} from the home rang: they do not think they can keep {name} past Christmas.',
  ],
  T09: [
    'Mum in tears on the phone, says she cannot do another weekend on her own.',
    'Parents have not slept through since June and ask for {name} to be placed.',
    'Gran had a fall, {other} is doing all of the care beside two jobs.',
  ],
  T10: [
    'Eleven different agency staff in a fortnight, nobody who knows the plan.',
    'Team leader left and four of the six went with her.',
  ],
  T11: [
    'The flat is over a pub and the noise starts at eleven.',
    'Shares with three people who all shout. Stairs are too steep as well.',
  ],
  T12: [
    'Sofa surfing at {other}’s since the tenancy ended.',
    'Eviction papers came on Friday, rent arrears nobody knew of.',
  ],
  T13: [
    'Not set foot in school since half term, hides under the bed when the taxi comes.',
    'Part-time timetable now down to an hour a day, with a third suspension on Monday.',
    'No school place named for September, four have said no.',
    'College asked {name} not to come back until a risk assessment is done.',
  ],
  T14: [
    'Eighteen in the spring and no adult team has picked up the referral.',
    'Nobody can say who pays after the birthday. {other} keeps asking.',
  ],
  T15: [
    'Home from the unit for nine days, finds the quiet hard.',
    'Discharged a fortnight ago, the step-down visits have begun.',
  ],
  T16: [
    'Two stays on the ward in the past four years.',
    'Was in a unit far from home at nineteen and talks of it every time.',
  ],
  T17: [
    'In A&E again on Saturday night, fifth time since the summer.',
    'Police used section 136 twice this month.',
    'Ambulance out three nights running, sent home each time.',
  ],
  T18: [
    'On bail until the 14th for the matter at the bus station.',
    'Court hearing put back again; probation officer {other} will come to the next meeting.',
  ],
  T19: [
    'Bin fire behind the shops, {name} says it was to see the blue lights.',
    'Touched a younger passenger on the bus, transport has stopped.',
  ],
  T20: [
    'Down to crisps and one brand of milk, lost five kilos since July.',
    'Will not eat if anyone else has touched the plate, dietitian worried about the BMI.',
  ],
  T21: ['Drinking from the morning on, cans under the bed.', 'Cannabis most days and owing money to {other}.'],
  T22: [
    'Constipated for nine days before anyone looked. Calm as anything since.',
    'Tooth needs out, waiting list for sedation is a year, slaps own face when it hurts.',
    'More seizures this month, three at night.',
  ],
  T23: [
    'The new hand dryers sent {name} out of the building screaming.',
    'Cannot bear the strip lights in the day centre, hood up and under the table.',
  ],
  T24: [
    'Talker has been broken since May and nobody has mended it.',
    'New staff do not sign, so {name} pulls and scratches to be heard.',
  ],
  T25: [
    'Risperidone halved in September, restless ever since.',
    'Stopped all tablets on Sunday, says they make the head fizz.',
  ],
  T26: [
    'Safeguarding enquiry open about the lads who moved in and took the card.',
    'Told {other} what the uncle did; police and social care aware.',
  ],
  T27: [
    'Mum died in March and nobody took {name} to the funeral.',
    'Moved house, lost the cat and changed college in one month.',
  ],
  T28: [
    'Sits in the room all week, the day centre never opened again.',
    'Says the days are empty, nobody under fifty in the house.',
  ],
  T29: ['Hours cut from forty to twenty-five, appeal sent, no answer.', 'Funding panel put it off for the third time.'],
  T30: [
    'Two years on the waiting list for the autism assessment.',
    'Still no diagnosis, every team says it needs one first.',
  ],
  T31: ['Door is locked at night and the DoLS ran out in April.', 'Held on the floor four times in the past week.'],
  T32: [
    'Would not open the door, says {other} is nosy and we all are.',
    'Family have turned away the last three visits.',
  ],
  T99: [
    'Wants to change the date of the holiday and nobody can tell {name} why not.',
    'Complaint about the bus pass still with the council.',
  ],
}

/** Sentences without a theme, or that speak of one which is denied, past, feared or another person's. */
export const plainNotes: readonly string[] = [
  'A good month. Baking on Thursdays and proud of it.',
  'Settled, nothing to report from the house.',
  'No self-harm seen or reported since the last meeting.',
  '{other} in the next flat took an overdose; {name} is shaken, no thoughts of that kind herself or himself.',
  'Used to run off as a child, not for ten years.',
  'If the job at the café falls through we would worry about the mood again.',
  'Denies drinking. No bottles seen.',
  'Brother {other} was arrested last week, {name} was not there.',
  'Off to the coast with the club on Saturday.',
  'Walks the dog of {other} every morning and is on time.',
  'Everyone agreed to keep things as they are until the next review.',
  'Came to the meeting, stayed for all of it and asked good questions.',
]

/** What the meetings of other kinds were about. */
export const reviewSummaries: readonly string[] = [
  'Rating talked through and agreed by all.',
  'Short meeting, actions gone over one by one.',
  'Family joined by phone. Everyone clear who does what.',
  'Care co-ordinator away, chair took the actions.',
  'Plan read out in easy words and agreed with {name}.',
  'Two agencies sent apologies, notes go to them.',
]
