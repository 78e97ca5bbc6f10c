// <sequitur-chat article="…">: the one script that a page includes.
// import() works in classic scripts as well as in modules, so that either script tag will do.
{
  const own = document.currentScript?.src; // a classic script's own address; a module has none here
  import(own ? new URL("static/widget/element.js", own).href : "./static/widget/element.js");
}
