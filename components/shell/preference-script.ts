/**
 * Sets theme and row height before the first paint, from what this browser remembers (else the system's theme).
 * Plain text because it runs ahead of everything else; `applyPreferences` is the same for later changes.
 */
export const preferenceScript = `(function(){try{
var root=document.documentElement,dark=matchMedia("(prefers-color-scheme: dark)");
window.applyPreferences=function(){
var theme=localStorage.getItem("theme")||"system";
root.dataset.theme=theme==="system"?(dark.matches?"dark":"light"):theme;
root.dataset.density=localStorage.getItem("density")||"regular"};
window.applyPreferences();
dark.addEventListener("change",window.applyPreferences);
}catch(e){}})()`;
