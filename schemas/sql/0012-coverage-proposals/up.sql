-- What payments and postings may cover, where nobody says what they do: what is open, and what is proposed of it.

create table views.coverable (
  entity text collate "C" not null,
  pool text collate "C" not null,
  covers boolean not null,
  name text collate "C" not null,
  stream text collate "C" not null,
  number text collate "C",
  dated date,
  amount numeric not null,
  words text,
  rejected text[] collate "C" not null,
  primary key (entity, pool)
);
create index coverable_pool on views.coverable (pool, covers, name);
comment on table views.coverable is
  'Documents that are open, and payments and postings of which nobody says what they cover: what is compared by sums.';
comment on column views.coverable.entity is 'The entity.';
comment on column views.coverable.pool is 'Among what it is compared: the relation, the currency, and the client, or the '
  'amount in the books of a legal entity.';
comment on column views.coverable.covers is 'Whether it would cover; else it would be covered.';
comment on column views.coverable.name is 'By which it stands among others: the first of its records'' names.';
comment on column views.coverable.stream is 'Its first record whose word counts.';
comment on column views.coverable.number is 'Its number.';
comment on column views.coverable.dated is 'When it was issued, received or posted.';
comment on column views.coverable.amount is 'How much is open, not signed.';
comment on column views.coverable.words is 'Its remittance text.';
comment on column views.coverable.rejected is
  'Coverage records that turn down what it is part of; of what would cover, each with its number of documents.';

create table views.coverage_proposal (
  from_entity text collate "C" not null primary key,
  id text collate "C" not null,
  from_stream text collate "C" not null,
  rel text collate "C" not null,
  documents text[] collate "C" not null,
  covers jsonb not null,
  currency text collate "C" not null,
  amount numeric not null,
  confidence numeric not null,
  evidence jsonb not null,
  disputed boolean not null,
  pool text collate "C" not null
);
create index coverage_proposal_id on views.coverage_proposal (id);
create index coverage_proposal_pool on views.coverage_proposal (pool);
create index coverage_proposal_documents on views.coverage_proposal using gin (documents);
create index coverage_proposal_likely on views.coverage_proposal (confidence desc, from_entity) where not disputed;
comment on table views.coverage_proposal is
  'What a payment or posting may cover, by a sum that matches in one way only; a person decides.';
comment on column views.coverage_proposal.from_entity is 'The entity that would cover.';
comment on column views.coverage_proposal.id is 'By which it is asked for: the first 16 hexadecimal digits of a SHA-256 '
  'over from_entity, rel and the documents in their order, each on a line of its own.';
comment on column views.coverage_proposal.from_stream is 'The record by which it would.';
comment on column views.coverage_proposal.rel is 'settles or posts.';
comment on column views.coverage_proposal.documents is 'The entities it would cover.';
comment on column views.coverage_proposal.covers is 'The same, each with how much: [{to, amount}].';
comment on column views.coverage_proposal.currency is 'Of the amounts, ISO 4217.';
comment on column views.coverage_proposal.amount is 'All of it together.';
comment on column views.coverage_proposal.confidence is 'From 0 to 1.';
comment on column views.coverage_proposal.evidence is 'Why, for a person to read: a list.';
comment on column views.coverage_proposal.disputed is
  'Whether another would cover one of the documents too: then neither is proposed.';
comment on column views.coverage_proposal.pool is 'Among what it was found: see coverable.';

alter table views.proposal add column in_both text[] collate "C" not null default '{}';
comment on column views.proposal.in_both is 'Systems that have a live record of both: where there are any, no link joins '
  'them, only the system can, by merging its own.';
