/** The language of every sentence of the page. What makes words of figures must speak it too: it stands within them. */
export const LANGUAGE = 'en';
