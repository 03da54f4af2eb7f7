import { expect, it } from 'vitest';
import { playlistUrl, trackUrl } from '../../src/server/spotify-links.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

const ID = '4uLU6hMCjMI75M1A2tKUQC';

it("links lead to Spotify's web player, and only for ids that Spotify knows", () => {
  expect(playlistUrl('https://api.spotify.com/v1', ID)).toBe(`https://open.spotify.com/playlist/${ID}`);
  expect(trackUrl(ID)).toBe(`https://open.spotify.com/track/${ID}`);
  expect(trackUrl('name:artist|title')).toBeNull();
});

it('a playlist of a local Spotify is shown on its own page, as it stands there', async () => {
  const simulator = await startSimulator();
  try {
    const { playlists, settings } = simulator.state;
    const playlist = Object.values(playlists).find(({ ownerId }) => ownerId === settings.loggedInAs)!;
    const tracks = [...simulator.world.catalogue.tracks.values()];
    simulator.editPlaylist(playlist.id, [`spotify:track:${tracks[0]!.id}`, null]);
    playlist.name = 'Mine <b>only</b>';
    const url = new URL(playlistUrl(simulator.apiUrl, playlist.id));
    const page = await (await fetch(url)).text();
    const shown = page.slice(page.indexOf(`Mine &lt;b&gt;only&lt;/b&gt;, 2 songs`));
    expect(shown).toContain(`<div id="${url.hash.slice(1)}"`);
    expect(shown.slice(0, shown.indexOf('</details>'))).toContain('an item that is gone');
    expect(shown).toContain(tracks[0]!.artists[0]!.name.replaceAll('&', '&amp;').replaceAll("'", '&#39;'));
  } finally {
    await simulator.stop();
  }
});
