-- All recommenders made ready on one corpus, with the weights that blend them; and which of them was in use when.

create table blend (
  blend_id bigint generated always as identity primary key,
  model_id bigint not null references model,
  corpus_id bigint references corpus,
  fingerprint text not null unique,
  path text not null,
  weights jsonb not null,
  metrics jsonb not null,
  lessons jsonb not null,
  verdict jsonb not null,
  promoted_at timestamptz,
  created_at timestamptz not null
);
create index blend_model on blend (model_id);
create index blend_corpus on blend (corpus_id);
create index blend_promoted on blend (promoted_at) where promoted_at is not null;
comment on table blend is 'All recommenders made ready with one model on one corpus, and the weights that blend them. The one promoted last is the champion: it recommends.';
comment on column blend.blend_id is 'Key.';
comment on column blend.model_id is 'Its song vectors.';
comment on column blend.corpus_id is 'The playlists it learned from.';
comment on column blend.fingerprint is 'Hash of model, corpus and recommenders: the same again gives the same blend.';
comment on column blend.path is 'Folder of its files, relative to the data folder.';
comment on column blend.weights is 'Feature -> weight of the ranker: what each recommender''s opinion counts.';
comment on column blend.metrics is 'What each recommender and the blend are worth on playlists put aside (mean NDCG@500 with its 95 % interval), and seconds.';
comment on column blend.lessons is 'NDCG@500 of the blend on each playlist put aside, by the playlist''s key: what a later blend is compared with.';
comment on column blend.verdict is 'How it compared with the champion of its day, and why it was promoted or not.';
comment on column blend.promoted_at is 'When it became champion, last; null: never.';
comment on column blend.created_at is 'When made.';

alter table edition add column blend_id bigint references blend;
create index edition_blend on edition (blend_id);
comment on column edition.blend_id is 'Blend that ranked its candidates; null where song vectors alone did.';
