// Joins a room and shows who is in it.
import { createMeeting } from './dvmeet-core/dist/standalone.js';

const lobby = document.getElementById('lobby');
const tiles = document.getElementById('tiles');
const notice = document.getElementById('notice');

/** @param {import('dvmeet-core').Meeting} meeting */
function render(meeting) {
  const videos = meeting.snapshot.participants.map(({ id, name, isSelf }) => {
    const video = document.getElementById(id) ?? document.createElement('video');
    Object.assign(video, { id, title: name, autoplay: true, playsInline: true, muted: isSelf });
    const stream = meeting.streamOf(id, 'camera');
    if (video.srcObject !== stream) video.srcObject = stream;
    return video;
  });
  tiles.replaceChildren(...videos);
}

lobby.addEventListener('submit', async (event) => {
  event.preventDefault();
  lobby.hidden = true;
  /** @type {import('dvmeet-core').Meeting | undefined} */
  let meeting;
  try {
    meeting = await createMeeting({
      room: 'standup', name: lobby.elements.namedItem('name').value,
      media: { audio: true, video: true },
    });
    meeting.on('change', () => render(meeting));
    meeting.on('error', ({ message }) => { notice.textContent = message; });
    await meeting.join();
  } catch (error) {
    meeting?.leave(); // or its camera stays on
    notice.textContent = error.message;
    lobby.hidden = false;
  }
});
