export default async (fetch) => (await fetch("https://api.thousandeyes.com/v7/usage")).json();
