import type { Metadata } from 'next';
import { enterPage } from '../../account/enter-page.tsx';

export const metadata: Metadata = { title: 'Make an account' };

export default enterPage('signup');
