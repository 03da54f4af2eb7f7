import type { StateView } from '../api/contract.ts';

/** The state as Prometheus reads it (text format 0.0.4); times are Unix seconds, and what is unknown is left out. */
export function showMetrics(state: StateView): string {
  const { account, plays, pipelines, model, problems, version } = state;
  const seconds = (iso: string | null | undefined) => (iso ? Date.parse(iso) / 1000 : undefined);
  const ofPipelines = (value: (pipeline: StateView['pipelines'][number]) => number | null | undefined) =>
    pipelines.map((pipeline) => [`{pipeline="${pipeline.name}"}`, value(pipeline)] as const);
  const metrics: [
    name: string,
    help: string,
    values: (readonly [labels: string, value: number | null | undefined])[],
  ][] = [
    ['info', 'Always 1; the version is a label.', [[`{version="${version}"}`, 1]]],
    ['problems', 'What keeps Segue from doing its work.', [['', problems.length]]],
    ['plays', 'Plays stored.', [['', plays.total]]],
    ['open_gaps', 'Stretches in which plays may be missing.', [['', plays.openGaps]]],
    ['last_play_timestamp_seconds', 'End of the newest play.', [['', seconds(plays.newestAt)]]],
    ['connected', '1 while the account is connected.', [['', account?.status === 'connected' ? 1 : 0]]],
    ['connection_ends_timestamp_seconds', 'When the consent ends.', [['', seconds(account?.expiresAt)]]],
    ['model_songs', 'Songs with a vector.', [['', model?.vocabulary]]],
    ['last_run_timestamp_seconds', 'Creation of the newest run.', ofPipelines(({ last }) => seconds(last?.createdAt))],
    [
      'last_run_failed',
      '1 when the newest run failed.',
      ofPipelines(({ last }) => last && Number(last.status === 'failed')),
    ],
    ['next_run_timestamp_seconds', 'When the schedule comes due.', ofPipelines(({ nextRunAt }) => seconds(nextRunAt))],
  ];
  return metrics
    .flatMap(([name, help, values]) => {
      const known = values.filter(([, value]) => value !== undefined && value !== null);
      if (known.length === 0) return [];
      const head = [`# HELP segue_${name} ${help}`, `# TYPE segue_${name} gauge`];
      return [...head, ...known.map(([labels, value]) => `segue_${name}${labels} ${value}`)];
    })
    .join('\n')
    .concat('\n');
}
