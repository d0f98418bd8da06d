-- What banks say of the firm's accounts.

insert into ledger.kind_column (kind, name, path, type, meaning) values
  ('bank_statement', 'account', '{account}', 'text', 'The account, as the bank names it.'),
  ('bank_statement', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('bank_statement', 'from_day', '{from}', 'date', 'First day it covers.'),
  ('bank_statement', 'to_day', '{to}', 'date', 'Last day it covers.'),
  ('bank_statement', 'opening', '{opening}', 'numeric', 'Booked balance before the first day; null = not stated.'),
  ('bank_statement', 'closing', '{closing}', 'numeric', 'Booked balance after the last day; null = not stated.'),
  ('bank_statement', 'entries', '{entries}', 'jsonb', 'Its movements: booked, or only announced (pending).');

select ledger.make_kind_views(array['bank_statement']);
