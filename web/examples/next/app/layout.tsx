// The frame of every page.
import type { ReactNode } from 'react';

export const metadata = { title: 'Meeting' };
// A nonce is for one answer only: no page is made in advance.
export const dynamic = 'force-dynamic';

export default function Layout({ children }: { children: ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
