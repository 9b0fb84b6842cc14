// A lobby and a meeting, without a framework.
import { createMeeting } from 'dvmeet-core';

const lobby = document.getElementById('lobby');
const tiles = document.getElementById('tiles');

function render(meeting) {
  tiles.replaceChildren(...meeting.snapshot.participants.map(({ id }) => {
    const video = document.getElementById(id) ?? document.createElement('video');
    Object.assign(video, { id, autoplay: true, muted: true });
    const stream = meeting.streamOf(id, 'camera');
    if (video.srcObject !== stream) video.srcObject = stream;
    return video;
  }));
}

lobby.addEventListener('submit', async (event) => {
  event.preventDefault();
  lobby.hidden = true;
  const meeting = await createMeeting({
    room: 'standup', name: lobby.elements.namedItem('name').value,
    media: { audio: true, video: true },
  });
  meeting.on('change', () => render(meeting));
  await meeting.join();
});
