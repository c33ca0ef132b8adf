export const hasLists = true;

export default async (fetch, list) => {
  const data = await (await fetch("https://api.thousandeyes.com/v7/usage")).json();
  return list ? data.breakdowns : data;
};
