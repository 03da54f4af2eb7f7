-- Song vectors that another tool trained have no corpus here, and no settings that ours knows.
alter table model alter column corpus_id drop not null;
alter table model drop constraint model_algorithm_check;
alter table model add constraint model_algorithm_check check (algorithm in ('skip-gram', 'cbow', 'imported'));
alter table model add constraint model_corpus_check check ((corpus_id is null) = (algorithm = 'imported'));
comment on table model is 'Song vectors, trained from a corpus or imported; they are files of the data folder.';
comment on column model.corpus_id is 'What it learned from; null where another tool trained it.';
comment on column model.algorithm is 'skip-gram or cbow, with negative sampling; imported: whatever another tool did.';
comment on column model.fingerprint is 'Hash of corpus and settings, or of the imported files: the same again gives the same model.';
comment on column model.settings is 'Settings of the training, or of the import.';
comment on column model.metrics is 'What training and evaluation, or the import, measured.';
comment on column model.created_at is 'When trained or imported; of all models the newest is in use.';
