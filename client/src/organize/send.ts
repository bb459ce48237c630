import { type Answer, read, refusesNewTokens, unreachable } from '../api/answer.ts';
import { refresh } from '../api/browser.ts';

/** Sends a file as it is, and says how much of it has gone, from 0 to 1: `fetch` does not tell. */
export async function sendFile<T>(
  path: string,
  file: File,
  onProgress: (part: number) => void,
): Promise<Answer<T>> {
  const attempt = () => put(path, file, onProgress);
  try {
    let response = await attempt();
    if (response.status === 401 && (await refresh())) {
      response = await attempt();
      if (response.status === 401) return refusesNewTokens;
    }
    return await read<T>(response);
  } catch {
    return unreachable;
  }
}

const put = (path: string, file: File, onProgress: (part: number) => void) =>
  new Promise<Response>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('content-type', file.type);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new Error('Nobody answered'));
    request.send(file);
  });
