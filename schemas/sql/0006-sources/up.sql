-- Who may write and how much, and what commands were answered.

-- A source's tokens, by their hashes only: a token is 32 random bytes, so neither salt nor a slow hash adds anything.
-- Rows stay for ever: that there was one is what closes the door to callers without.
create table ledger.source_token (
  id uuid primary key,
  source varchar not null,
  sha256 bytea not null unique check (length(sha256) = 32),
  created_at timestamptz not null,
  ends_at timestamptz              -- revoked or rotated away: good until then; null = until something is said
);
create index source_token_source on ledger.source_token (source, created_at);

-- What a source is held to, where that is less than the ledger takes from anybody; null = no less.
create table ledger.source_limit (
  source varchar primary key,
  rate_events int check (rate_events > 0),
  rate_seconds int check (rate_seconds > 0),
  burst_events int check (burst_events > 0),
  body_bytes int check (body_bytes > 0),
  body_items int check (body_items > 0),
  depth int check (depth > 0),
  set_at timestamptz not null,
  check ((rate_events is null) = (rate_seconds is null) and (rate_events is null) = (burst_events is null))
);

-- Commands that came with an Idempotency-Key, and how they were answered. Kept for two days.
create table ledger.command (
  caller varchar not null,         -- the source whose token it came with; '' = none
  key varchar not null,
  request bytea not null check (length(request) = 32), -- SHA-256 of what was asked
  begun_at timestamptz not null,
  status int,                      -- null = not answered yet
  headers json,
  body bytea,
  primary key (caller, key),
  check ((status is null) = (headers is null) and (status is null) = (body is null))
);
create index command_begun on ledger.command (begun_at);
