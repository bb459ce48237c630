import type { Metadata } from 'next';
import { enterPage } from '../../account/enter-page.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default enterPage('signin');
