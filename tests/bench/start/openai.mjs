import OpenAI from "openai";

export default async function call(api) {
  const { data } = await new OpenAI({ apiKey: "abc", baseURL: `${api}/v1` }).models.list();
  return data[0].id;
}
