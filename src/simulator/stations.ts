/** A radio station whose log is a listener's plays. */
export interface Station {
  readonly callsign: string;
  readonly place: string;
  /** Spotify user id of the listener. */
  readonly userId: string;
  /** Whether the listener may use the app that exists from the start. */
  readonly onAllowList: boolean;
}

/**
 * KUFX comes first: of the 25 logs it is the one of the three longest (1,090 plays) with most different tracks (331), and 604 of its
 * plays are of tracks that stand in two or more of the bundled playlists. KGB is for connecting a second account, WXGL for
 * the account that nobody put on the app's list.
 */
export const STATIONS: readonly Station[] = [
  { callsign: 'KUFX', place: 'San Jose, California', userId: 'kufx-radio', onAllowList: true },
  { callsign: 'KGB', place: 'San Diego, California', userId: 'kgb-radio', onAllowList: true },
  { callsign: 'WXGL', place: 'St. Petersburg, Florida', userId: 'wxgl-radio', onAllowList: false },
];

/** One sentence that says who the demo's listener is, for whatever shows its plays. */
export function describeListener(userId: string = STATIONS[0]!.userId): string {
  const station = STATIONS.find((one) => one.userId === userId) ?? STATIONS[0]!;
  return `This listener is no person but a radio station: ${station.callsign} of ${station.place}, whose classic rock of 16 to 21 June 2014 (logged by FiveThirtyEight) is replayed as if it were heard now.`;
}
