// How results of the search are weighed. A page that explains comes before the entry of a reference, and among
// pages that hold all words of a question, one that names more of them as its subject comes first.
var Scorer = (() => {
  // The words of the question that say something, without the ending that a plural or a verb adds.
  const asked = () => {
    const question = new URLSearchParams(window.location.search).get("q") || "";
    const words = splitQuery(question.toLowerCase()).filter((word) => !stopwords.has(word));
    return words.map((word) => word.replace(/(ing|ed|s)$/, "")).filter((word) => word.length > 1);
  };
  let subjects = null;
  const subjectsOf = (docname) => {
    if (subjects === null) {
      subjects = {};
      for (const [entry, places] of Object.entries(Search._index.indexentries)) {
        for (const [file, , isMain] of places) {
          const name = Search._index.docnames[file];
          if (isMain) subjects[name] = `${subjects[name] || ""} ${entry}`;
        }
      }
      Search._index.docnames.forEach((name, file) => {
        subjects[name] = splitQuery(`${subjects[name] || ""} ${Search._index.titles[file].toLowerCase()}`);
      });
    }
    return subjects[docname];
  };
  // A word, perhaps with an ending; "can" is not the beginning of "cancel".
  const isAbout = (docname, word) =>
    subjectsOf(docname).some((one) => one.startsWith(word) && one.length <= word.length + 2);
  const aside = /^(changelog|comparison|mutation|transcripts|reference\/)/;
  return {
    score: ([docname, title, anchor, descr, score, filename, kind]) => {
      if (kind === "object") return score / 4;
      if (kind === "text") score += 10 * asked().filter((word) => isAbout(docname, word)).length;
      return aside.test(docname) ? score / 3 : score;
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
})();
