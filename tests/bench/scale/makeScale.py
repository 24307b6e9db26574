"""Writes made-up extracts: one row a person with 31 columns and a long note, and twelve reviews a person.

    python makeScale.py FOLDER PEOPLE [AGENCIES]

people-00.csv and reviews-00.csv for each agency (default one). NHS numbers are of the 999 range, which holds some
909,000 valid ones, so in a register of a million one person in ten has none."""

import sys
from pathlib import Path

import duckdb

folder, people = Path(sys.argv[1]), int(sys.argv[2])
agencies = int(sys.argv[3]) if len(sys.argv) > 3 else 1
folder.mkdir(parents=True, exist_ok=True)
db = duckdb.connect()
weighted_digits = " + ".join(f"{10 - place} * (base // {10 ** (8 - place)} % 10)" for place in range(9))
db.execute(f"""
select setseed(0.42);
create table words as select unnest(string_split(
    'staff family school home settled upset review plan visit nurse bus noise sleep medication crisis weekend mother support hours placement '
    || 'garden walk therapist waiting meeting said happier quiet police hospital doctor funding moved anxious helped timetable respite flat', ' ')) as word;
create table sentences as
select number, string_agg(word, ' ' order by random()) as text from range(4000) as numbers(number), words where random() < 0.5 group by number;
create table nhs_numbers as
with
bases as (select 999000000 + number as base from range(1000000) as numbers(number)),
checked as (select base, (11 - ({weighted_digits}) % 11) % 11 as tail from bases)
select row_number() over (order by hash(base)) - 1 as number, cast(base * 10 + tail as varchar) as nhs_number from checked where tail < 10;
create macro pick(person, salt, choices) as cast(hash(person, salt) % choices as integer);
-- Letters at random: names of one stem with a number behind it would all look like slips of each other.
create macro name_of(number, letters) as left(translate(md5(cast(number as varchar)), '0123456789', 'ghijklmnop'), letters);
create macro day_after(first, person, salt, days) as strftime(first + pick(person, salt, days), '%d/%m/%Y');
create table people as
select
    person,
    'P' || lpad(cast(person as varchar), 7, '0') as "Person no", coalesce(nhs_number, '') as "NHS number",
    name_of(pick(person, 1, 30000), 8) as "Family name", name_of(100000 + pick(person, 3, 3000), 6) as "Given name",
    day_after(date '1950-01-01', person, 4, 25000) as "Date of birth", case pick(person, 5, 2) when 0 then 'Male' else 'Female' end as "Sex",
    (1 + pick(person, 6, 300)) || ' Made-up Street, Hull' as "Address",
    'HU2' || (1 + pick(person, 7, 9)) || ' ' || pick(person, 8, 9) || chr(65 + pick(person, 9, 20)) || chr(65 + pick(person, 10, 20)) as "Postcode",
    'E01012' || lpad(cast(pick(person, 11, 900) as varchar), 3, '0') as "LSOA", '01632 960' || lpad(cast(pick(person, 12, 1000) as varchar), 3, '0') as "Phone",
    'QOQ' as "ICB", 'B81' || lpad(cast(pick(person, 13, 900) as varchar), 3, '0') as "GP", 'Yes' as "Autism",
    case pick(person, 14, 2) when 0 then 'Yes' else 'No' end as "LD", 'Easy read and pictures' as "Communication",
    'Quiet room, longer appointment' as "Adjustments", 'No' as "Interpreter", 'Yes' as "EHCP", 'No' as "Looked after", 'Yes' as "Consent",
    '01/03/2026' as "Consent on", '10/01/2026' as "Referred", '01/03/2026' as "Accepted",
    ['Red', 'Amber', 'Green'][1 + pick(person, 15, 3)] as "Rating", day_after(date '2026-03-02', person, 16, 200) as "Rating since",
    'T' || lpad(cast(1 + pick(person, 17, 32) as varchar), 2, '0') as "Theme", '02/03/2026' as "Noted",
    one.text || E'.\\n' || two.text || ', "' || three.text || '".' as "Note",
    'S' || lpad(cast(1 + pick(person, 18, 32) as varchar), 2, '0') as "Service",
    case pick(person, 19, 2) when 0 then 'waiting' else 'in_place' end as "State", '05/04/2026' as "Asked"
from range({people}) as persons(person)
left join nhs_numbers on nhs_numbers.number = person
join sentences as one on one.number = pick(person, 20, 4000)
join sentences as two on two.number = pick(person, 21, 4000)
join sentences as three on three.number = pick(person, 22, 4000);
""")
for agency in range(agencies):
    ours = f"person % {agencies} = {agency}"
    db.execute(f"""
    copy (select * exclude (person) from people where {ours} order by person)
        to '{folder}/people-{agency:02}.csv' (header, force_quote ("Note", "Address"));
    copy (
        select
            'P' || lpad(cast(person as varchar), 7, '0') as "Person no",
            strftime(date '2024-01-05' + cast(nth * 85 as integer) + pick(person, nth, 60), '%d/%m/%Y') as "Held on",
            case when pick(person, 100 + nth, 10) < 8 then 'DSR' else 'MDT' end as "Kind", 'Review ' || nth || ': ' || left(text, 40) as "Summary"
        from range({people}) as persons(person), range(12) as reviews(nth)
        join sentences on sentences.number = pick(person, 200 + nth, 4000)
        where {ours}
    ) to '{folder}/reviews-{agency:02}.csv' (header, force_quote ("Summary"))""")
