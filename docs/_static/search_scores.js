// How results of the search are weighed. A page that explains comes before the entry of a reference.
var Scorer = {
  score: ([docname, title, anchor, descr, score, filename, kind]) => {
    const aside = /^(changelog|comparison|mutation|transcripts|reference\/)/.test(docname);
    return kind === "object" ? score / 4 : aside ? score / 3 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
