import { addWords } from '@/app/i18n';
import { en, zh } from './locale';

addWords(zh, en);
