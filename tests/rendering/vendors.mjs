// Chat posts judged by what others publish: Microsoft's own library for cards, Discord's API specification.
// node vendors.mjs FOLDER FILE...: FOLDER is where npm has put adaptivecards, discord-api-spec and zod;
// each FILE is named after its face. Prints what is wrong, one line each, and exits 1 when anything is.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const modules = resolve(folder, "node_modules");
const AC = createRequire(import.meta.url)(`${modules}/adaptivecards/dist/adaptivecards.js`);
const discord = await import(pathToFileURL(`${modules}/discord-api-spec/build/discord-api-spec.zod.js`));
discord.setStrictObject(true);

const judges = {
  teams(post) {
    const wrong = [];
    for (const { content } of post.attachments) {
      const context = new AC.SerializationContext(AC.Versions.v1_4);
      const card = new AC.AdaptiveCard();
      card.parse(content, context);
      for (let n = 0; n < context.eventCount; n++) wrong.push(context.getEventAt(n).message);
      wrong.push(...card.validateProperties().validationEvents.map((each) => each.message));
      if (card.getItemCount() !== content.body.length) wrong.push(`${card.getItemCount()} of ${content.body.length} blocks`);
    }
    return wrong;
  },
  discord(post) {
    const { error } = discord.IncomingWebhookRequestPartialSchema.safeParse(post);
    return error ? error.issues.map((each) => `${each.path.join(".")}: ${each.message}`) : [];
  },
};

let wrong = 0;
for (const file of files) {
  const name = basename(file);
  const found = judges[name.split("-")[0]](JSON.parse(readFileSync(file, "utf8")));
  wrong += found.length;
  for (const each of found) console.log(`${name}: ${each}`);
}
console.log(`${files.length} posts, ${wrong} faults`);
process.exit(wrong ? 1 : 0);
