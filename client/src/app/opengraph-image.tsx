import { ImageResponse } from 'next/og';

export const alt = 'Ticketing: every ticket is sold once';
export const size = { width: 1200, height: 630 };
export const contentType = 'image/png';

/** What a link looks like where it is shared, but to what has a picture of its own. */
export default function Image(): ImageResponse {
  return new ImageResponse(
    <div
      style={{
        display: 'flex',
        flexDirection: 'column',
        justifyContent: 'center',
        width: '100%',
        height: '100%',
        padding: 90,
        background: '#5b2a86',
        color: '#ffe9ef',
        fontSize: 92,
        lineHeight: 1.1,
      }}
    >
      <div style={{ display: 'flex' }}>Every ticket</div>
      <div style={{ display: 'flex' }}>is sold once.</div>
      <div style={{ display: 'flex', marginTop: 50, color: '#f4b6c2', fontSize: 40 }}>Ticketing</div>
    </div>,
    size,
  );
}
