// <sequitur-chat article="…">: the one script that a page includes.
// import() works in classic scripts as well as in modules, so that either script tag will do.
import("./static/widget/element.js");
