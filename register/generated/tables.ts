// Generated from register/dictionary: change that, then run make generate.
// Dates are yyyy-mm-dd, whole numbers are numbers, a field that nobody gave is null.
import type { Pseudonym } from '../pseudonym.ts'

export type AccommodationCode =
  | 'MA00'
  | 'MA01'
  | 'MA02'
  | 'MA03'
  | 'MA04'
  | 'MA05'
  | 'MA06'
  | 'MA09'
  | 'HM01'
  | 'HM03'
  | 'HM04'
  | 'HM05'
  | 'HM06'
  | 'HM07'
  | 'MH00'
  | 'MH01'
  | 'MH02'
  | 'MH03'
  | 'MH04'
  | 'MH09'
  | 'HS00'
  | 'HS01'
  | 'HS02'
  | 'HS03'
  | 'HS04'
  | 'HS05'
  | 'HS09'
  | 'CH00'
  | 'CH01'
  | 'CH03'
  | 'CH09'
  | 'CJ00'

export type ActionHorizonsCode = 'current' | 'potential'

export type ActionStatesCode = 'requested' | 'waiting' | 'in_place' | 'refused' | 'unavailable' | 'done'

export type AdmissionPlansCode = '1' | '2' | '9'

export type AdmissionReasonsCode = 'R01' | 'R02' | 'R03' | 'R04' | 'R05' | 'R06'

export type AdmissionSourcesCode = '19' | '29' | '39' | '49' | '51' | '53' | '54' | '65' | '66' | '85' | '87' | '88'

export type AdvocateTypesCode = 'family' | 'independent' | 'imca' | 'imha' | 'non_instructed'

export type AgeBandsCode = '0-15' | '16-17' | '18-24' | '25-34' | '35-44' | '45-54' | '55-64' | '65+' | 'unknown'

export type AgenciesCode =
  | 'A01'
  | 'A02'
  | 'A03'
  | 'A04'
  | 'A05'
  | 'A06'
  | 'A07'
  | 'A08'
  | 'A09'
  | 'A10'
  | 'A11'
  | 'A12'
  | 'A13'
  | 'A14'

export type AutismStatusCode = '1' | '2' | '3' | '4' | '5' | 'U' | 'X' | 'Z'

export type CetrKindsCode = 'community' | 'laep' | 'post_admission' | 'inpatient'

export type CetrOutcomesCode =
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | 'SUPPORT_IN_COMMUNITY'
  | 'ADMISSION_AGREED_INFORMAL'
  | 'ADMISSION_AGREED_DETAINED'
  | 'ALTERNATIVE_PLACEMENT'
  | 'DECLINED'
  | 'NOT_HELD'
  | 'DEFERRED'

export type CheckCodesCode =
  | 'wrong_number_of_columns'
  | 'stray_quote'
  | 'broken_line'
  | 'over_long_record'
  | 'too_many_parts'
  | 'text_not_in_declared_encoding'
  | 'control_characters'
  | 'over_long_text'
  | 'required_value_missing'
  | 'date_not_understood'
  | 'impossible_date'
  | 'date_in_future'
  | 'date_before_birth'
  | 'dates_out_of_order'
  | 'nhs_number_not_ten_digits'
  | 'nhs_number_check_digit'
  | 'nhs_number_repeated_digits'
  | 'nhs_number_of_another_person'
  | 'nhs_number_also_of_another'
  | 'code_not_in_list'
  | 'number_not_understood'
  | 'yes_no_not_understood'
  | 'postcode_not_understood'
  | 'area_code_not_understood'
  | 'organisation_code_not_understood'
  | 'parent_row_missing'
  | 'local_id_of_another_person'
  | 'basis_missing'
  | 'basis_not_for_age'
  | 'basis_overtaken'
  | 'duplicate_record'
  | 'duplicate_of_earlier'

export type ClosureReasonsCode = 'C01' | 'C02' | 'C03' | 'C04' | 'C05' | 'C06' | 'C07' | 'C08' | 'C09' | 'C10'

export type CodedFromCode = 'recorded' | 'from_text'

export type ConsentBasesCode =
  | 'K01'
  | 'K02'
  | 'K03'
  | 'K04'
  | 'K05'
  | 'K06'
  | 'K07'
  | 'K08'
  | 'K90'
  | 'K91'
  | 'K92'
  | 'K93'

export type ConsentStatesCode = 'valid' | 'lapsed' | 'overtaken_16' | 'overtaken_18' | 'not_for_age' | 'none'

export type DelayReasonsCode =
  | 'D01'
  | 'D02'
  | 'D03'
  | 'D04'
  | 'D05'
  | 'D06'
  | 'D07'
  | 'D08'
  | 'D09'
  | 'D10'
  | 'D11'
  | 'D12'

export type DeprivationQuintilesCode = '1' | '2' | '3' | '4' | '5'

export type DestinationsCode = '1' | '2' | '3' | '4' | '5' | '50' | '51' | '14' | '16'

export type DisagreementFieldsCode =
  | 'local_id'
  | 'nhs_number'
  | 'family_name'
  | 'given_name'
  | 'preferred_name'
  | 'other_names'
  | 'date_of_birth'
  | 'sex_code'
  | 'gender_identity_code'
  | 'ethnic_code'
  | 'address_lines'
  | 'postcode'
  | 'lsoa21'
  | 'address_sensitive'
  | 'phone'
  | 'gp_ods'
  | 'ld_status'
  | 'autism_status'
  | 'other_diagnoses'
  | 'communication_needs'
  | 'reasonable_adjustments'
  | 'interpreter'
  | 'accommodation_code'
  | 'education_setting'
  | 'ehcp'
  | 'looked_after'
  | 'responsible_icb_ods'
  | 'responsible_utla_gss'
  | 'residence_utla_gss'
  | 'host_icb_ods'
  | 'placing_icb_ods'
  | 'out_of_area'
  | 'national_data_opt_out'
  | 'deceased_date'
  | 'rating'
  | 'consent'

export type EntryDecisionsCode = 'accepted' | 'rejected' | 'pending'

export type EscalationLevelsCode = '0' | '1' | '2' | '3' | '4'

export type EthnicCategoryCode =
  | 'A'
  | 'B'
  | 'C'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | 'N'
  | 'P'
  | 'R'
  | 'S'
  | 'Z'
  | '99'

export type FeedBasesCode = 'register_consent' | 'inpatient_commissioning'

export type GenderIdentityCode = '1' | '2' | '3' | '4' | 'X' | 'Z'

export type IssueRelationsCode = 'admission' | 'escalation'

export type KeyworkerStatesCode = 'yes' | 'no' | 'offered' | 'declined'

export type LearningDisabilityStatusCode = '1' | '2' | '3' | '4' | '5' | 'U' | 'X' | 'Z'

export type MhaLegalStatusCode =
  | '01'
  | '02'
  | '03'
  | '04'
  | '05'
  | '06'
  | '07'
  | '08'
  | '09'
  | '10'
  | '12'
  | '13'
  | '14'
  | '15'
  | '16'
  | '17'
  | '18'
  | '19'
  | '20'
  | '31'
  | '32'
  | '34'
  | '35'
  | '36'
  | '37'
  | '38'
  | '98'
  | '99'

export type NoteKindsCode = 'theme' | 'strategy'

export type ProfessionalRolesCode =
  | 'social_worker'
  | 'care_coordinator'
  | 'case_manager'
  | 'keyworker'
  | 'psychiatrist'
  | 'psychologist'
  | 'behaviour'
  | 'nurse'
  | 'allied_health'
  | 'gp'
  | 'education'
  | 'support_worker'
  | 'provider_manager'
  | 'advocate'
  | 'justice'
  | 'housing'
  | 'lead'
  | 'other'

export type RatingsCode = 'red' | 'amber' | 'green' | 'blue'

export type ReferrerRolesCode =
  | 'self'
  | 'family'
  | 'health'
  | 'social_care'
  | 'education'
  | 'youth_justice'
  | 'police'
  | 'provider'
  | 'other'

export type RegisterScopesCode = 'adult' | 'child' | 'statutory'

export type RegisterTablesCode =
  | 'people'
  | 'entries'
  | 'consents'
  | 'professionals'
  | 'ratings'
  | 'reviews'
  | 'issues'
  | 'strategies'
  | 'suggestions'
  | 'actions'
  | 'cetrs'
  | 'admissions'
  | 'escalations'
  | 'safety'

export type RejectionReasonsCode = 'X01' | 'X02' | 'X03' | 'X04' | 'X05' | 'X06' | 'X07' | 'X08' | 'X09'

export type ReviewKindsCode = 'dsr' | 'mdt' | 'desk' | 'oversight_visit' | 'other'

export type ServicesCode =
  | 'S01'
  | 'S02'
  | 'S03'
  | 'S04'
  | 'S05'
  | 'S06'
  | 'S07'
  | 'S08'
  | 'S09'
  | 'S10'
  | 'S11'
  | 'S12'
  | 'S13'
  | 'S14'
  | 'S15'
  | 'S16'
  | 'S17'
  | 'S18'
  | 'S19'
  | 'S20'
  | 'S21'
  | 'S22'
  | 'S23'
  | 'S24'
  | 'S25'
  | 'S26'
  | 'S27'
  | 'S28'
  | 'S29'
  | 'S30'
  | 'S31'
  | 'S32'
  | 'S33'
  | 'S99'

export type SexCode = '1' | '2' | '9' | 'X'

export type StrategiesCode =
  | 'P01'
  | 'P02'
  | 'P03'
  | 'P04'
  | 'P05'
  | 'P06'
  | 'P07'
  | 'P08'
  | 'P09'
  | 'P10'
  | 'P11'
  | 'P12'
  | 'P13'
  | 'P14'
  | 'P15'
  | 'P16'
  | 'P17'
  | 'P18'

export type StrategyOutcomesCode = 'helped' | 'partly' | 'no' | 'unknown'

export type ThemesCode =
  | 'T01'
  | 'T02'
  | 'T03'
  | 'T04'
  | 'T05'
  | 'T06'
  | 'T07'
  | 'T08'
  | 'T09'
  | 'T10'
  | 'T11'
  | 'T12'
  | 'T13'
  | 'T14'
  | 'T15'
  | 'T16'
  | 'T17'
  | 'T18'
  | 'T19'
  | 'T20'
  | 'T21'
  | 'T22'
  | 'T23'
  | 'T24'
  | 'T25'
  | 'T26'
  | 'T27'
  | 'T28'
  | 'T29'
  | 'T30'
  | 'T31'
  | 'T32'
  | 'T99'

export type UnavailableReasonsCode =
  | 'U01'
  | 'U02'
  | 'U03'
  | 'U04'
  | 'U05'
  | 'U06'
  | 'U07'
  | 'U08'
  | 'U09'
  | 'U10'
  | 'U11'
  | 'U12'
  | 'U13'
  | 'U14'
  | 'U15'
  | 'U16'
  | 'U99'

export type WardSecurityCode = '0' | '1' | '2' | '3' | '4'

/** One row per person past the consent gate. */
export interface IdentifiedPersonsRow {
  /** The person; never shown. */
  readonly person_id: string
  /** Random, stable reference of the case: the only one in an address. */
  readonly case_ref: string
  /** NHS number. */
  readonly nhs_number: string | null
  /** Lawful basis. */
  readonly consent_basis: ConsentBasesCode
  /** Standing of that basis today. */
  readonly consent_state: ConsentStatesCode
  /** Day of the decision. */
  readonly consent_decided_on: string | null
  /** Day from which a named person may seal the case; empty while the basis is valid. */
  readonly grace_ends_on: string | null
}

/** One row per person, with the newest recorded value of each field. */
export interface IdentifiedPeopleRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** The agency's own number for the person; links the agency's other rows to this one. */
  readonly local_id: string
  /** NHS number of ten digits with its check digit. */
  readonly nhs_number: string | null
  /** Family name. */
  readonly family_name: string
  /** First given name. */
  readonly given_name: string
  /** The name the person likes to be called. */
  readonly preferred_name: string | null
  /** Former and other names. */
  readonly other_names: string | null
  /** Date of birth. */
  readonly date_of_birth: string
  /** Person stated gender code. */
  readonly sex_code: SexCode | null
  /** Gender identity. */
  readonly gender_identity_code: GenderIdentityCode | null
  /** Ethnic category of the 2001 list. */
  readonly ethnic_code: EthnicCategoryCode | null
  /** Address where the person lives. */
  readonly address_lines: string | null
  /** Postcode of that address. */
  readonly postcode: string | null
  /** Lower layer super output area 2021 of that address. */
  readonly lsoa21: string | null
  /** The address may not be shown to anyone (S-flag or equivalent). */
  readonly address_sensitive: boolean | null
  /** Telephone of the person or carer. */
  readonly phone: string | null
  /** ODS code of the GP practice. */
  readonly gp_ods: string | null
  /** Learning disability status. */
  readonly ld_status: LearningDisabilityStatusCode | null
  /** Autism status. */
  readonly autism_status: AutismStatusCode | null
  /** Other diagnoses as text. */
  readonly other_diagnoses: readonly string[] | null
  /** How the person communicates and what helps (Accessible Information Standard). */
  readonly communication_needs: string | null
  /** Adjustments the person needs. */
  readonly reasonable_adjustments: string | null
  /** An interpreter is needed. */
  readonly interpreter: boolean | null
  /** Kind of accommodation. */
  readonly accommodation_code: AccommodationCode | null
  /** School or college. */
  readonly education_setting: string | null
  /** Has an education, health and care plan. */
  readonly ehcp: boolean | null
  /** Is looked after by a council. */
  readonly looked_after: boolean | null
  /** ICB that is the responsible commissioner; targets and access go by it. */
  readonly responsible_icb_ods: string | null
  /** Council responsible for social care or SEND. */
  readonly responsible_utla_gss: string | null
  /** Council of the area where the person lives; filled from lsoa21 where the agency gives none. */
  readonly residence_utla_gss: string | null
  /** ICB of the area where a hospital or placement is. */
  readonly host_icb_ods: string | null
  /** ICB that placed the person here from elsewhere. */
  readonly placing_icb_ods: string | null
  /** Lives or is in hospital outside the responsible area. */
  readonly out_of_area: boolean | null
  /** National data opt-out is set. */
  readonly national_data_opt_out: boolean | null
  /** Date of death. */
  readonly deceased_date: string | null
}

/** One row per record that one agency holds of a person. */
export interface IdentifiedAgencyRecordsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** The agency's own number for the person; links the agency's other rows to this one. */
  readonly local_id: string
  /** NHS number of ten digits with its check digit. */
  readonly nhs_number: string | null
  /** Family name. */
  readonly family_name: string
  /** First given name. */
  readonly given_name: string
  /** The name the person likes to be called. */
  readonly preferred_name: string | null
  /** Former and other names. */
  readonly other_names: string | null
  /** Date of birth. */
  readonly date_of_birth: string
  /** Person stated gender code. */
  readonly sex_code: SexCode | null
  /** Gender identity. */
  readonly gender_identity_code: GenderIdentityCode | null
  /** Ethnic category of the 2001 list. */
  readonly ethnic_code: EthnicCategoryCode | null
  /** Address where the person lives. */
  readonly address_lines: string | null
  /** Postcode of that address. */
  readonly postcode: string | null
  /** Lower layer super output area 2021 of that address. */
  readonly lsoa21: string | null
  /** The address may not be shown to anyone (S-flag or equivalent). */
  readonly address_sensitive: boolean | null
  /** Telephone of the person or carer. */
  readonly phone: string | null
  /** ODS code of the GP practice. */
  readonly gp_ods: string | null
  /** Learning disability status. */
  readonly ld_status: LearningDisabilityStatusCode | null
  /** Autism status. */
  readonly autism_status: AutismStatusCode | null
  /** Other diagnoses as text. */
  readonly other_diagnoses: readonly string[] | null
  /** How the person communicates and what helps (Accessible Information Standard). */
  readonly communication_needs: string | null
  /** Adjustments the person needs. */
  readonly reasonable_adjustments: string | null
  /** An interpreter is needed. */
  readonly interpreter: boolean | null
  /** Kind of accommodation. */
  readonly accommodation_code: AccommodationCode | null
  /** School or college. */
  readonly education_setting: string | null
  /** Has an education, health and care plan. */
  readonly ehcp: boolean | null
  /** Is looked after by a council. */
  readonly looked_after: boolean | null
  /** ICB that is the responsible commissioner; targets and access go by it. */
  readonly responsible_icb_ods: string | null
  /** Council responsible for social care or SEND. */
  readonly responsible_utla_gss: string | null
  /** Council of the area where the person lives; filled from lsoa21 where the agency gives none. */
  readonly residence_utla_gss: string | null
  /** ICB of the area where a hospital or placement is. */
  readonly host_icb_ods: string | null
  /** ICB that placed the person here from elsewhere. */
  readonly placing_icb_ods: string | null
  /** Lives or is in hospital outside the responsible area. */
  readonly out_of_area: boolean | null
  /** National data opt-out is set. */
  readonly national_data_opt_out: boolean | null
  /** Date of death. */
  readonly deceased_date: string | null
}

/** One row per record of entries that one agency made. */
export interface IdentifiedEntriesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Which register. */
  readonly register_scope: RegisterScopesCode | null
  /** Day of the referral. */
  readonly referral_date: string | null
  /** Who referred. */
  readonly referrer_role: ReferrerRolesCode | null
  /** Why the person was referred. */
  readonly referral_reason: string | null
  /** Rating the referrer proposed. */
  readonly indicative_rating: RatingsCode | null
  /** Day of the triage decision. */
  readonly triage_date: string | null
  /** Outcome of triage. */
  readonly decision: EntryDecisionsCode | null
  /** Why the referral was not accepted. */
  readonly rejection_reason: RejectionReasonsCode | null
  /** Day the person was accepted onto the register. */
  readonly accepted_date: string | null
  /** Day the person left the register. */
  readonly closed_date: string | null
  /** Why the person left the register. */
  readonly closure_reason: ClosureReasonsCode | null
  /** Whether a keyworker is in place. */
  readonly keyworker: KeyworkerStatesCode | null
  /** Present level of escalation. */
  readonly escalation_level: EscalationLevelsCode | null
}

/** One row per record of consents that one agency made. */
export interface IdentifiedConsentsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Lawful consent basis (K01 to K08), or why there is none (K90 to K93). */
  readonly basis: ConsentBasesCode
  /** Who gave or decided it. */
  readonly given_by_role: string | null
  /** Day of the decision. */
  readonly decision_date: string | null
  /** Day capacity for this decision was assessed. */
  readonly capacity_assessed_date: string | null
  /** Role of the assessor. */
  readonly assessor_role: string | null
  /** Day of the best-interests decision. */
  readonly best_interest_date: string | null
  /** Court-appointed deputy, attorney or care order. */
  readonly deputy_or_order: string | null
  /** Day by which consent is to be confirmed again. */
  readonly review_due: string | null
  /** Day consent was withdrawn. */
  readonly withdrawn_date: string | null
  /** Day consent was refused. */
  readonly refused_date: string | null
  /** Where the proof is kept. */
  readonly evidence_reference: string | null
}

/** One row per record of professionals that one agency made. */
export interface IdentifiedProfessionalsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Name of the professional. */
  readonly name: string | null
  /** Role. */
  readonly role: string | null
  /** Kind of agency they work for. */
  readonly agency_kind: AgenciesCode | null
  /** Agency they work for, in the sender's words. */
  readonly agency_name: string | null
  /** Telephone at work. */
  readonly phone: string | null
  /** E-mail address at work. */
  readonly email: string | null
  /** Leads for the register. */
  readonly is_lead: boolean | null
  /** Is the keyworker. */
  readonly is_keyworker: boolean | null
  /** Is an advocate. */
  readonly is_advocate: boolean | null
  /** Kind of advocate. */
  readonly advocate_type: AdvocateTypesCode | null
  /** Day the involvement began. */
  readonly from_date: string | null
  /** Day the involvement ended. */
  readonly to_date: string | null
  /** Day of the last contact. */
  readonly last_contact: string | null
}

/** One row per record of ratings that one agency made. */
export interface IdentifiedRatingsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Rating of the risk of admission to a mental health hospital; blue means in hospital now and is not a rank. */
  readonly rating: RatingsCode
  /** Day from which the rating holds. */
  readonly effective_from: string
  /** Rating tool used. */
  readonly tool: string | null
  /** Score of the tool. */
  readonly score: number | null
  /** Role of whoever set it. */
  readonly set_by_role: string | null
  /** Why the rating was set. */
  readonly reason: string | null
}

/** One row per record of reviews that one agency made. */
export interface IdentifiedReviewsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day it was held. */
  readonly held_on: string
  /** Kind of review; only a DSR review moves the next date. */
  readonly kind: ReviewKindsCode
  /** Kinds of agency present. */
  readonly attendee_agencies: readonly AgenciesCode[] | null
  /** What was said. */
  readonly summary: string | null
  /** Next review as the agency stated it. */
  readonly next_due_stated: string | null
}

/** One row per record of issues that one agency made. */
export interface IdentifiedIssuesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day it was noted. */
  readonly noted_date: string | null
  /** What the issue bears on. */
  readonly relates_to: IssueRelationsCode | null
  /** The issue in words. */
  readonly note: string | null
  /** Theme as the agency coded it. */
  readonly theme_code: ThemesCode | null
  /** Day it was over. */
  readonly ended_date: string | null
}

/** One row per record of strategies that one agency made. */
export interface IdentifiedStrategiesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day it was tried or noted. */
  readonly date: string | null
  /** What was tried in words. */
  readonly note: string | null
  /** Strategy as the agency coded it. */
  readonly strategy_code: StrategiesCode | null
  /** A positive strategy that adds to quality of life. */
  readonly positive: boolean | null
  /** Whether it helped. */
  readonly outcome: StrategyOutcomesCode | null
}

/** One row per record of suggestions that one agency made. */
export interface IdentifiedSuggestionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day of the suggestion. */
  readonly date: string | null
  /** The suggestion in words. */
  readonly note: string | null
  /** Strategy suggested. */
  readonly strategy_code: StrategiesCode | null
  /** Service suggested. */
  readonly service_code: ServicesCode | null
}

/** One row per record of actions that one agency made. */
export interface IdentifiedActionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day the action was raised. */
  readonly raised_date: string | null
  /** The action in words. */
  readonly description: string | null
  /** Service needed. */
  readonly service_code: ServicesCode | null
  /** A current service or one that may be needed. */
  readonly current_or_potential: ActionHorizonsCode | null
  /** Day from which the service is needed. */
  readonly need_date: string | null
  /** Where the action stands. */
  readonly state: ActionStatesCode
  /** Why the service is not to be had. */
  readonly unavailable_reason: UnavailableReasonsCode | null
  /** Who owns the action. */
  readonly owner_name: string | null
  /** Kind of agency that owns the action. */
  readonly owner_agency: AgenciesCode | null
  /** Day it is due. */
  readonly due_date: string | null
  /** Day it was done. */
  readonly done_date: string | null
}

/** One row per record of cetrs that one agency made. */
export interface IdentifiedCetrsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Kind of C(E)TR. */
  readonly kind: CetrKindsCode
  /** Day it was due or planned. */
  readonly due_date: string | null
  /** Day it was held; empty when it was not. */
  readonly held_on: string | null
  /** Outcome. */
  readonly outcome: CetrOutcomesCode | null
  /** Recommendations in words. */
  readonly recommendations: string | null
  /** All recommendations are done. */
  readonly recommendations_done: boolean | null
}

/** One row per record of admissions that one agency made. */
export interface IdentifiedAdmissionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day of admission. */
  readonly admitted: string
  /** Day of discharge. */
  readonly discharged: string | null
  /** ODS code of the provider. */
  readonly provider_ods: string | null
  /** Security of the ward. */
  readonly ward_security: WardSecurityCode | null
  /** Bed type. */
  readonly bed_type: string | null
  /** Mental Health Act legal status. */
  readonly mha_code: MhaLegalStatusCode | null
  /** Planned or unplanned. */
  readonly planned: AdmissionPlansCode | null
  /** Where the person came from. */
  readonly source: AdmissionSourcesCode | null
  /** Reasons for admission. */
  readonly reasons: readonly AdmissionReasonsCode[] | null
  /** The sender says the person was on a register before. */
  readonly on_register_before_stated: boolean | null
  /** Distance from home in kilometres. */
  readonly distance_km: number | null
  /** Planned day of discharge. */
  readonly planned_discharge_date: string | null
  /** Why discharge is delayed. */
  readonly delay_reasons: readonly DelayReasonsCode[] | null
  /** Destination on discharge. */
  readonly destination: DestinationsCode | null
  /** The sender's number of the stay this one continues. */
  readonly transfer_of: string | null
}

/** One row per record of escalations that one agency made. */
export interface IdentifiedEscalationsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Day of the escalation. */
  readonly date: string
  /** Level escalated to. */
  readonly level: EscalationLevelsCode | null
  /** Name of the forum. */
  readonly forum: string | null
  /** Why it was escalated. */
  readonly reason: string | null
  /** What came of it. */
  readonly outcome: string | null
  /** Day it was closed. */
  readonly closed_date: string | null
}

/** One row per record of safety that one agency made. */
export interface IdentifiedSafetyRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** The person; never shown. */
  readonly person_id: string
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Row of the delivered file or sheet. */
  readonly source_row: number
  /** Date of the crisis or contingency plan. */
  readonly crisis_plan_date: string | null
  /** A safeguarding enquiry is open. */
  readonly safeguarding_open: boolean | null
  /** Restrictions in words. */
  readonly restrictions: string | null
  /** Police or youth justice is involved (criminal-offence data, security.md IG-08). */
  readonly police_flag: boolean | null
}

/** One row per person, field and feed that differs from another. */
export interface IdentifiedDisagreementsRow {
  /** The person; never shown. */
  readonly person_id: string
  /** Field of people on which they differ. */
  readonly field: DisagreementFieldsCode
  /** Feed that says it. */
  readonly feed: string
  /** What it says. */
  readonly value: string | null
  /** When it said so. */
  readonly recorded_on: string | null
  /** Whether the register takes this value. */
  readonly is_used: boolean
}

/** One row per pair of records that may be one person, until the team decides. */
export interface IdentifiedLinkQuestionsRow {
  /** Id of the question: dsr links names it. */
  readonly question: string
  /** alike, two_numbers (alike in all but the number), same_number (parted by decision, yet one number) or joined. */
  readonly kind: string
  /** Feed of one record. */
  readonly one_feed: string
  /** Number that the agency gave to one record. */
  readonly one_local_id: string
  /** Person that one record belongs to now. */
  readonly one_person_id: string
  /** Feed of other record. */
  readonly other_feed: string
  /** Number that the agency gave to other record. */
  readonly other_local_id: string
  /** Person that other record belongs to now. */
  readonly other_person_id: string
  /** How much speaks for one person, in bits. */
  readonly weight: number | null
  /** What agrees, in words; never a value. */
  readonly agrees: string
  /** What differs, in words; never a value. */
  readonly differs: string
  /** Day since which both records are known. */
  readonly asked_since: string
}

/** One row per feed. */
export interface IdentifiedFeedsRow {
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that sends it. */
  readonly agency_kind: AgenciesCode
  /** Lawful basis of the feed. */
  readonly basis: FeedBasesCode
  /** Data cut of its newest delivery. */
  readonly delivered_on: string | null
  /** Rows read from it. */
  readonly rows_read: number
  /** Rows accepted. */
  readonly rows_accepted: number
  /** Rows held back until the agency puts them right. */
  readonly rows_quarantined: number
  /** Rows that repeat another row of the same feed. */
  readonly rows_duplicate: number
  /** Name of the agency. */
  readonly agency_name: string
  /** People as they were known before, because their newest record was set aside. */
  readonly people_held_over: number
}

/** One row per person on the register. */
export interface PseudonymisedPeopleRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Number from 0 to 255 of the person, for disclosure control. */
  readonly record_key: number
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Person stated gender code. */
  readonly sex_code: SexCode | null
  /** Ethnic category of the 2001 list. */
  readonly ethnic_code: EthnicCategoryCode | null
  /** Learning disability status. */
  readonly ld_status: LearningDisabilityStatusCode | null
  /** Autism status. */
  readonly autism_status: AutismStatusCode | null
  /** An interpreter is needed. */
  readonly interpreter: boolean | null
  /** Kind of accommodation. */
  readonly accommodation_code: AccommodationCode | null
  /** Has an education, health and care plan. */
  readonly ehcp: boolean | null
  /** Is looked after by a council. */
  readonly looked_after: boolean | null
  /** ICB that is the responsible commissioner; targets and access go by it. */
  readonly responsible_icb_ods: string | null
  /** Council responsible for social care or SEND. */
  readonly responsible_utla_gss: string | null
  /** ICB of the area where a hospital or placement is. */
  readonly host_icb_ods: string | null
  /** ICB that placed the person here from elsewhere. */
  readonly placing_icb_ods: string | null
  /** Lives or is in hospital outside the responsible area. */
  readonly out_of_area: boolean | null
  /** National data opt-out is set. */
  readonly national_data_opt_out: boolean | null
  /** Date of death. */
  readonly deceased_date: string | null
  /** Age band at the day that counts as today; unknown without it. */
  readonly age_band: AgeBandsCode
  /** ICB of the area where the person lives, by LSOA. */
  readonly residence_icb_ods: string | null
  /** Council of the area where the person lives: as the agency states it, else by LSOA. */
  readonly residence_utla_gss: string | null
  /** Fifth of areas by deprivation (IMD 2025) of the LSOA; 1 is the most deprived. */
  readonly deprivation_quintile: DeprivationQuintilesCode | null
  /** Standing of the consent basis at the day that counts as today. */
  readonly consent_state: ConsentStatesCode
  /** The time to renew consent has passed; false while the basis is valid. */
  readonly is_consent_grace_over: boolean
}

/** One row per record of entries that one agency made about a person on the register. */
export interface PseudonymisedEntriesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Which register. */
  readonly register_scope: RegisterScopesCode | null
  /** Day of the referral. */
  readonly referral_date: string | null
  /** Who referred. */
  readonly referrer_role: ReferrerRolesCode | null
  /** Rating the referrer proposed. */
  readonly indicative_rating: RatingsCode | null
  /** Day of the triage decision. */
  readonly triage_date: string | null
  /** Outcome of triage. */
  readonly decision: EntryDecisionsCode | null
  /** Why the referral was not accepted. */
  readonly rejection_reason: RejectionReasonsCode | null
  /** Day the person was accepted onto the register. */
  readonly accepted_date: string | null
  /** Day the person left the register. */
  readonly closed_date: string | null
  /** Why the person left the register. */
  readonly closure_reason: ClosureReasonsCode | null
  /** Whether a keyworker is in place. */
  readonly keyworker: KeyworkerStatesCode | null
  /** Present level of escalation. */
  readonly escalation_level: EscalationLevelsCode | null
  /** Age band on referral_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of consents that one agency made about a person on the register. */
export interface PseudonymisedConsentsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Lawful consent basis (K01 to K08), or why there is none (K90 to K93). */
  readonly basis: ConsentBasesCode
  /** Day of the decision. */
  readonly decision_date: string | null
  /** Day capacity for this decision was assessed. */
  readonly capacity_assessed_date: string | null
  /** Day of the best-interests decision. */
  readonly best_interest_date: string | null
  /** Day by which consent is to be confirmed again. */
  readonly review_due: string | null
  /** Day consent was withdrawn. */
  readonly withdrawn_date: string | null
  /** Day consent was refused. */
  readonly refused_date: string | null
  /** Age band on decision_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of professionals that one agency made about a person on the register. */
export interface PseudonymisedProfessionalsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Kind of agency they work for. */
  readonly agency_kind: AgenciesCode | null
  /** Leads for the register. */
  readonly is_lead: boolean | null
  /** Is the keyworker. */
  readonly is_keyworker: boolean | null
  /** Is an advocate. */
  readonly is_advocate: boolean | null
  /** Kind of advocate. */
  readonly advocate_type: AdvocateTypesCode | null
  /** Day the involvement began. */
  readonly from_date: string | null
  /** Day the involvement ended. */
  readonly to_date: string | null
  /** Day of the last contact. */
  readonly last_contact: string | null
  /** Role. Other where no word of the list stands for it. */
  readonly role_code: ProfessionalRolesCode | null
  /** Age band on from_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of ratings that one agency made about a person on the register. */
export interface PseudonymisedRatingsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Rating of the risk of admission to a mental health hospital; blue means in hospital now and is not a rank. */
  readonly rating: RatingsCode
  /** Day from which the rating holds. */
  readonly effective_from: string
  /** Score of the tool. */
  readonly score: number | null
  /** Age band on effective_from; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of reviews that one agency made about a person on the register. */
export interface PseudonymisedReviewsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day it was held. */
  readonly held_on: string
  /** Kind of review; only a DSR review moves the next date. */
  readonly kind: ReviewKindsCode
  /** Kinds of agency present. */
  readonly attendee_agencies: readonly AgenciesCode[] | null
  /** Next review as the agency stated it. */
  readonly next_due_stated: string | null
  /** Age band on held_on; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of issues that one agency made about a person on the register. */
export interface PseudonymisedIssuesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day it was noted. */
  readonly noted_date: string | null
  /** What the issue bears on. */
  readonly relates_to: IssueRelationsCode | null
  /** Theme as the agency coded it. */
  readonly theme_code: ThemesCode | null
  /** Day it was over. */
  readonly ended_date: string | null
  /** Age band on noted_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of strategies that one agency made about a person on the register. */
export interface PseudonymisedStrategiesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day it was tried or noted. */
  readonly date: string | null
  /** Strategy as the agency coded it. */
  readonly strategy_code: StrategiesCode | null
  /** A positive strategy that adds to quality of life. */
  readonly positive: boolean | null
  /** Whether it helped. */
  readonly outcome: StrategyOutcomesCode | null
  /** Age band on date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of suggestions that one agency made about a person on the register. */
export interface PseudonymisedSuggestionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day of the suggestion. */
  readonly date: string | null
  /** Strategy suggested. */
  readonly strategy_code: StrategiesCode | null
  /** Service suggested. */
  readonly service_code: ServicesCode | null
  /** Age band on date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of actions that one agency made about a person on the register. */
export interface PseudonymisedActionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day the action was raised. */
  readonly raised_date: string | null
  /** Service needed. */
  readonly service_code: ServicesCode | null
  /** A current service or one that may be needed. */
  readonly current_or_potential: ActionHorizonsCode | null
  /** Day from which the service is needed. */
  readonly need_date: string | null
  /** Where the action stands. */
  readonly state: ActionStatesCode
  /** Why the service is not to be had. */
  readonly unavailable_reason: UnavailableReasonsCode | null
  /** Kind of agency that owns the action. */
  readonly owner_agency: AgenciesCode | null
  /** Day it is due. */
  readonly due_date: string | null
  /** Day it was done. */
  readonly done_date: string | null
  /** Age band on raised_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of cetrs that one agency made about a person on the register. */
export interface PseudonymisedCetrsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Kind of C(E)TR. */
  readonly kind: CetrKindsCode
  /** Day it was due or planned. */
  readonly due_date: string | null
  /** Day it was held; empty when it was not. */
  readonly held_on: string | null
  /** Outcome. */
  readonly outcome: CetrOutcomesCode | null
  /** All recommendations are done. */
  readonly recommendations_done: boolean | null
  /** Age band on held_on; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of admissions that one agency made about a person on the register. */
export interface PseudonymisedAdmissionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day of admission. */
  readonly admitted: string
  /** Day of discharge. */
  readonly discharged: string | null
  /** Security of the ward. */
  readonly ward_security: WardSecurityCode | null
  /** Bed type. */
  readonly bed_type: string | null
  /** Mental Health Act legal status. */
  readonly mha_code: MhaLegalStatusCode | null
  /** Planned or unplanned. */
  readonly planned: AdmissionPlansCode | null
  /** Where the person came from. */
  readonly source: AdmissionSourcesCode | null
  /** Reasons for admission. */
  readonly reasons: readonly AdmissionReasonsCode[] | null
  /** The sender says the person was on a register before. */
  readonly on_register_before_stated: boolean | null
  /** Distance from home in kilometres. */
  readonly distance_km: number | null
  /** Planned day of discharge. */
  readonly planned_discharge_date: string | null
  /** Why discharge is delayed. */
  readonly delay_reasons: readonly DelayReasonsCode[] | null
  /** Destination on discharge. */
  readonly destination: DestinationsCode | null
  /** Age band on admitted; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of escalations that one agency made about a person on the register. */
export interface PseudonymisedEscalationsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Day of the escalation. */
  readonly date: string
  /** Level escalated to. */
  readonly level: EscalationLevelsCode | null
  /** Day it was closed. */
  readonly closed_date: string | null
  /** Age band on date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per record of safety that one agency made about a person on the register. */
export interface PseudonymisedSafetyRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Date of the crisis or contingency plan. */
  readonly crisis_plan_date: string | null
  /** A safeguarding enquiry is open. */
  readonly safeguarding_open: boolean | null
  /** Police or youth justice is involved (criminal-offence data, security.md IG-08). */
  readonly police_flag: boolean | null
  /** Age band on crisis_plan_date; unknown without it. */
  readonly age_band: AgeBandsCode
}

/** One row per code found in a note, or recorded beside it, of a person on the register. */
export interface PseudonymisedCodedNotesRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Day of the note. */
  readonly noted_on: string | null
  /** Which list the code is of. */
  readonly kind: NoteKindsCode
  /** Theme or strategy. */
  readonly code: ThemesCode | StrategiesCode
  /** Recorded by the agency, or found in the text. */
  readonly coded_from: CodedFromCode
  /** Whether the strategy helped. */
  readonly outcome: StrategyOutcomesCode | null
  /** Table of the note. */
  readonly from_table: RegisterTablesCode
  /** row_id of the note in that table. */
  readonly from_row_id: number
  /** Version of the coder that found it; empty where it was recorded. */
  readonly coder_version: number | null
}

/** One row per admission of a person whom only a statutory inpatient collection knows. */
export interface PseudonymisedStatutoryAdmissionsRow {
  /** Number of the row, unique in its table. */
  readonly row_id: number
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Number from 0 to 255 of the person, for disclosure control. */
  readonly record_key: number
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that said it. */
  readonly feed_agency: AgenciesCode
  /** Data cut of the delivery that said it. */
  readonly delivered_on: string | null
  /** Person stated gender code. */
  readonly sex_code: SexCode | null
  /** Learning disability status. */
  readonly ld_status: LearningDisabilityStatusCode | null
  /** Autism status. */
  readonly autism_status: AutismStatusCode | null
  /** ICB that is the responsible commissioner; targets and access go by it. */
  readonly responsible_icb_ods: string | null
  /** Council of the area where the person lives: as the agency states it, else by LSOA. */
  readonly residence_utla_gss: string | null
  /** ICB of the area where the person lives, by LSOA. */
  readonly residence_icb_ods: string | null
  /** Fifth of areas by deprivation (IMD 2025) of the LSOA; 1 is the most deprived. */
  readonly deprivation_quintile: DeprivationQuintilesCode | null
  /** Age band on admitted; unknown without it. */
  readonly age_band: AgeBandsCode
  /** Day of admission. */
  readonly admitted: string
  /** Day of discharge. */
  readonly discharged: string | null
  /** Security of the ward. */
  readonly ward_security: WardSecurityCode | null
  /** Bed type. */
  readonly bed_type: string | null
  /** Mental Health Act legal status. */
  readonly mha_code: MhaLegalStatusCode | null
  /** Planned or unplanned. */
  readonly planned: AdmissionPlansCode | null
  /** Where the person came from. */
  readonly source: AdmissionSourcesCode | null
  /** Reasons for admission. */
  readonly reasons: readonly AdmissionReasonsCode[] | null
  /** The sender says the person was on a register before. */
  readonly on_register_before_stated: boolean | null
  /** Distance from home in kilometres. */
  readonly distance_km: number | null
  /** Planned day of discharge. */
  readonly planned_discharge_date: string | null
  /** Why discharge is delayed. */
  readonly delay_reasons: readonly DelayReasonsCode[] | null
  /** Destination on discharge. */
  readonly destination: DestinationsCode | null
}

/** One row per person and field on which agencies differ. */
export interface PseudonymisedDisagreementsRow {
  /** Stands for the person; made with a secret key. */
  readonly pseudonym: Pseudonym
  /** Field of people on which they differ; what they say stays in the register. */
  readonly field: DisagreementFieldsCode
}

/** One row per feed. */
export interface PseudonymisedFeedsRow {
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Kind of agency that sends it. */
  readonly agency_kind: AgenciesCode
  /** Lawful basis of the feed. */
  readonly basis: FeedBasesCode
  /** Data cut of its newest delivery. */
  readonly delivered_on: string | null
  /** Rows read from it. */
  readonly rows_read: number
  /** Rows accepted. */
  readonly rows_accepted: number
  /** Rows held back until the agency puts them right. */
  readonly rows_quarantined: number
  /** Rows that repeat another row of the same feed. */
  readonly rows_duplicate: number
}

/** One row per feed and check that held rows back. */
export interface PseudonymisedQuarantineCountsRow {
  /** Contract whose delivery said it. */
  readonly feed: string
  /** Check that failed. */
  readonly code: CheckCodesCode
  /** Rows with at least one such fault. */
  readonly rows: number
}

/** One row per reason why people are not on the register. */
export interface PseudonymisedExclusionsRow {
  /** Why there is no lawful basis (K90 to K93). */
  readonly reason: ConsentBasesCode
  /** People left out for it. */
  readonly people: number
}
