'use client';
// The lobby: who, and where to.
import { useRouter } from 'next/navigation';

export default function Lobby() {
  const router = useRouter();
  const enter = (form: FormData) => {
    const [room, name] = ['room', 'name'].map((key) => encodeURIComponent(String(form.get(key))));
    router.push(`/meeting/${room}?name=${name}`);
  };
  return (
    <form action={enter}>
      <label>Room <input name="room" defaultValue="standup" required /></label>
      <label>Name <input name="name" required /></label>
      <button>Join</button>
    </form>
  );
}
