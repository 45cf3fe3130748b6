/* Before first paint: the theme and language kept on this computer, so that nothing flashes. */
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('shanshui.theme');
    if (!theme) theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    root.setAttribute('data-theme', theme);
    root.lang = localStorage.getItem('shanshui.lang') === 'en' ? 'en' : 'zh-CN';
  } catch (e) {
    root.setAttribute('data-theme', 'light');
  }
})();
