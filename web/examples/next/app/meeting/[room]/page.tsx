// The address of a meeting: /meeting/ROOM?name=NAME
import { Room } from './room';

type Properties = {
  params: Promise<{ room: string }>;
  searchParams: Promise<{ name?: string | string[] }>;
};

export default async function Page({ params, searchParams }: Properties) {
  const [{ room }, { name = 'Guest' }] = [await params, await searchParams];
  return <Room room={decodeURIComponent(room)} name={[name].flat().join(' ')} />;
}
